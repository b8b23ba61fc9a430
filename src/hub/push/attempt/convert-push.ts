import { type ConversionSettings, DEFAULT_CONVERSION, type Remark } from '../../../ocpi/convert/conversion.ts'
import type { KeptByBytes } from '../../kept-by-bytes.ts'
import { hasPrefixedIds } from '../../network/edge.ts'
import type { HostedParty, Platform, RoutingTable } from '../../network/routing-table.ts'
import type { Once, TranslatedRequest } from '../../translate/carriage.ts'
import { versionOf } from '../../translate/like.ts'
import type { Translate } from '../../translate/translate.ts'
import type { Push } from '../push.ts'

/** A push as a platform of another version gets it. */
export type ConvertedPush =
  | (Pick<Push, 'method' | 'path' | 'query' | 'body' | 'contentType'> & {
      readonly kind: 'converted'
      /** For the message log. */
      readonly conversion: string
      readonly remarks: readonly Remark[]
      /** What each platform is told once only. @default as often as it is said */
      readonly once?: Once
    })
  /** It cannot be said in that version. */
  | { readonly kind: 'withheld'; readonly why: string }
  /** It should be said and cannot: a fault of the hub. */
  | { readonly kind: 'failed'; readonly why: string }

type Converting = ConvertedPush | Promise<ConvertedPush>

/** What pushes became, by push, version and settings. */
export type ConvertedPushes = KeptByBytes<{
  readonly push: Converting
  /** When it was begun, by the clock. */
  readonly at: number
}>

/**
 * What a push became is used for so long: platforms that keep up get it within seconds. One that gets it later gets it by what is known then
 * of its Location and its tariffs, which may have changed or ended.
 */
const KEPT_MS = 30_000

/** Converts a push for the party that it is addressed to, in the version that its platform speaks now. Never rejects. */
export type ConvertPush = (table: RoutingTable, push: Push, receiver: Platform, to: HostedParty) => Converting

/**
 * Of many receivers of one version only the first costs a conversion.
 *
 * @param converted shared by all queues: platforms of one version and settings find there what a push became
 * @param clock milliseconds that only grow
 */
export function createConvertPush(
  translate: Pick<Translate, 'request'>,
  converted: ConvertedPushes,
  clock: () => number,
): ConvertPush {
  function convert(table: RoutingTable, push: Push, receiver: Platform, to: HostedParty): Converting {
    const { module, method, path: rest, query, owner, body } = push
    const caller = table.platforms.get(push.fromPlatformId) ?? departed(push, receiver)
    const version = versionOf(push)
    const way = { module, interfaceRole: 'RECEIVER', method, rest, query, version, isLed: false } as const
    const carriage = { ...way, caller, receiver, from: owner, to, receivedAt: push.at, isNoted: true }
    try {
      const translated = translate.request(carriage, body ?? NOTHING)
      return translated instanceof Promise
        ? translated.then((found) => pushOf(found, push), failed)
        : pushOf(translated, push)
    } catch (error) {
      return failed(error)
    }
  }

  function keep(key: string, found: ConvertedPush, at: number): void {
    // What failed for want of something may work the next time.
    if (found.kind === 'failed') converted.forget(key)
    else converted.keep(key, { push: found, at }, weightOf(found))
  }

  return function convertPush(table, push, receiver, to) {
    const key = keyFor(table, push, receiver, to)
    const known = converted.find(key)
    const at = clock()
    if (known && at - known.at < KEPT_MS) return known.push
    const converting = convert(table, push, receiver, to)
    if (!(converting instanceof Promise)) {
      keep(key, converting, at)
      return converting
    }
    // Others that come meanwhile wait for the same.
    converted.keep(key, { push: converting, at }, push.body?.length ?? 0)
    return converting.then((found) => {
      keep(key, found, at)
      return found
    })
  }
}

const NOTHING = new Uint8Array(0)

/** Modules whose objects are for one party, which may stand in them once converted. */
const OF_ONE_PARTY = new Set(['sessions', 'cdrs'])

/** `17 2.3.0 a b`: the push, the version, and all else that its conversion hangs on. */
function keyFor(table: RoutingTable, push: Push, receiver: Platform, to: HostedParty): string {
  const sender = table.platforms.get(push.fromPlatformId)
  const party = OF_ONE_PARTY.has(push.module) ? to.key : ''
  const ids = hasPrefixedIds(receiver) ? 'prefixed' : ''
  return `${push.number} ${versionOf(receiver)} ${ids} ${settingsKey(receiver)} ${sender ? settingsKey(sender) : ''} ${party}`
}

/** Of settings that are in force, which nobody changes: others are another object. */
const settingsKeys = new WeakMap<ConversionSettings, string>()

function settingsKey({ conversion }: Platform): string {
  if (conversion === undefined || conversion === DEFAULT_CONVERSION) return ''
  let key = settingsKeys.get(conversion)
  if (key === undefined) settingsKeys.set(conversion, (key = JSON.stringify(conversion)))
  return key
}

/** A remark is some words and a pointer of its own. */
const REMARK_BYTES = 100

function weightOf(found: ConvertedPush): number {
  return found.kind === 'converted' ? (found.body?.length ?? 0) + found.remarks.length * REMARK_BYTES : 0
}

/** Pushes outlive their platforms: of one that left nothing but its id is known. */
function departed({ fromPlatformId: id, version = null }: Push, receiver: Platform): Platform {
  return { ...receiver, id, name: id, version, parties: [], endpoints: new Map(), conversion: DEFAULT_CONVERSION }
}

function pushOf(translated: TranslatedRequest, push: Push): ConvertedPush {
  switch (translated.kind) {
    case 'same':
      return { ...push, kind: 'converted', conversion: '', remarks: [] }
    case 'translated': {
      const { method, rest: path, query, body, conversion, remarks, once } = translated
      const bytes = body.length === 0 && (push.body === null || method === 'DELETE') ? null : body
      const sent = { method, path, query, body: bytes, contentType: bytes === null ? null : JSON_TYPE }
      return { kind: 'converted', ...sent, conversion, remarks, ...(once && { once }) }
    }
    // Not having the object is what a push that is settled asks for.
    case 'settled':
    case 'withheld':
    case 'no-bridge':
      return { kind: 'withheld', why: translated.why }
    case 'failed':
      return translated
  }
}

const JSON_TYPE = 'application/json'

function failed(error: unknown): ConvertedPush {
  return { kind: 'failed', why: `The conversion failed: ${error instanceof Error ? error.message : String(error)}` }
}
