import type { LegBody, SecondLeg } from '../../hub/message/second-leg.ts'
import type { Fate, Remark } from '../../ocpi/convert/conversion.ts'

/*
 * What is known of converted bodies beside their bytes is stored as JSON text; `{}` where both sides are alike:
 * {"request":{"bytes":212,"remarks":[["lost","/help_phone","OCPI 2.2.1 has no such field"]]}}
 */

/** Of one body. Nothing that a partner sends grows the log beyond them. */
const MOST_REMARKS = 40
const MOST_CHARACTERS = 200

type StoredRemark = readonly [fate: Fate, pointer: string, reason: string]
type StoredBody = { readonly bytes: number | null; readonly remarks: readonly StoredRemark[] }
type StoredLeg = { readonly request?: StoredBody; readonly response?: StoredBody }

/** As it is stored, without the bodies themselves: the first 40 remarks of each, texts cut to 200 characters. */
export function writeSecondLeg({ request, response }: SecondLeg): string {
  const stored: StoredLeg = {
    ...(request && { request: storedOf(request) }),
    ...(response && { response: storedOf(response) }),
  }
  return JSON.stringify(stored)
}

export function readSecondLeg(text: string, forwarded: Uint8Array | null, received: Uint8Array | null): SecondLeg {
  const { request, response } = JSON.parse(text) as StoredLeg
  return {
    request: request ? { body: forwarded, bytes: request.bytes, remarks: request.remarks.map(remarkOf) } : null,
    response: response ? { body: received, bytes: response.bytes, remarks: response.remarks.map(remarkOf) } : null,
  }
}

function storedOf({ bytes, remarks }: LegBody): StoredBody {
  const kept = remarks.slice(0, MOST_REMARKS)
  return { bytes, remarks: kept.map(({ fate, pointer, reason }) => [fate, cut(pointer), cut(reason)]) }
}

function remarkOf([fate, pointer, reason]: StoredRemark): Remark {
  return { fate, pointer, reason }
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text
}
