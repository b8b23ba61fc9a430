import { bridges, convertObject } from '../../ocpi/convert/convert.ts'
import { showParty } from '../../ocpi/party.ts'
import type { Now } from '../ports.ts'
import type { Turn } from '../turn.ts'
import type { Carriage, NoteConversion, TranslatedRequest } from './carriage.ts'
import { type Convert, createConvertOne } from './convert-object.ts'
import { createTakeInHand, NOT_LOOKED_UP } from './hand.ts'
import { type FactsFor, isAuthorize, legBack, legOnward } from './leg.ts'
import { createTranslateAnswer, type ReceivedAnswer, type TranslatedAnswer } from './translate-answer.ts'
import { createTranslateList, type ListPiece } from './translate-list.ts'
import { createTranslateRequest } from './translate-request.ts'

/** Carries messages between platforms of unlike OCPI versions. Of those between equal versions it makes nothing and changes nothing. */
export type Translate = {
  /** Why nothing is carried between two platforms; null where versions are equal, or there is a conversion. */
  readonly gap: (carriage: Pick<Carriage, 'version' | 'receiver' | 'to'>) => string | null
  /** @param body whole and inflated; empty where there is none */
  readonly request: (carriage: Carriage, body: Uint8Array) => TranslatedRequest | Promise<TranslatedRequest>
  /**
   * The way back, in the versions that both speak now. Lists may stream: they are converted object by object as they are taken.
   *
   * @param losses what of the request was lost, as `request` gave it. @default null
   */
  readonly answer: (
    carriage: Carriage,
    answer: ReceivedAnswer,
    losses?: string | null,
  ) => TranslatedAnswer | Promise<TranslatedAnswer>
  /**
   * Objects of a list that is asked for with `carriage`, in the version of who asks: the piece itself where versions are equal. Rejects where
   * it cannot be looked up whose they are, or what they need.
   *
   * @param mostBytes once they are more, the others are not converted. @default all are
   */
  readonly list: (carriage: Carriage, piece: ListPiece, mostBytes?: number) => ListPiece | Promise<ListPiece>
}

const SAME = { kind: 'same' } as const
const NO_TURN: Turn = () => Promise.resolve()

export type Rules = { readonly convertObject: Convert; readonly bridges: (from: string, to: string) => boolean }

const OCPI_RULES: Rules = { convertObject, bridges }

export type TranslatePorts = {
  readonly now: Now
  readonly noteConversion: NoteConversion
  /** Told what nobody caught in rules. */
  readonly onError: (error: unknown) => void
  /** Answers other than lists are converted up to this size. */
  readonly bufferBytes: number
  /** What rules ask for that stands in no message. @default nothing is known */
  readonly factsFor?: FactsFor
  /** @default nobody has one before a list is done */
  readonly turn?: Turn
  /** @default the rules of OCPI */
  readonly rules?: Rules
}

/** Made once for a hub. */
export function createTranslate(ports: TranslatePorts): Translate {
  const { now, bufferBytes, onError, factsFor = () => null, rules = OCPI_RULES, turn = NO_TURN } = ports
  const convertOne = createConvertOne({ ...ports, convert: rules.convertObject })
  const takeInHand = createTakeInHand({ convertOne, factsFor, now, onError, turn })
  const translateRequest = createTranslateRequest({ convertOne, now })
  const translateAnswer = createTranslateAnswer({ takeInHand, bufferBytes })
  const translateList = createTranslateList({ takeInHand })

  function gap({ version, receiver, to }: Pick<Carriage, 'version' | 'receiver' | 'to'>): string | null {
    if (version === receiver.version) return null
    if (version !== null && receiver.version !== null && rules.bridges(version, receiver.version)) return null
    const speaks = receiver.version === null ? 'no OCPI version yet' : `OCPI ${receiver.version}`
    return `${showParty(to)} speaks ${speaks}, your platform ${version ?? 'none'}; nothing is carried between the two`
  }

  return {
    gap,
    request(carriage, body) {
      if (carriage.version === carriage.receiver.version) return SAME
      const why = gap(carriage)
      const leg = legOnward(carriage)
      if (why !== null || leg === null) return { kind: 'no-bridge', why: why ?? 'Nothing is carried between the two' }
      const objects = body.length === 0 ? [] : [body]
      const facts = objects.length === 0 && !isAuthorize(carriage) ? null : factsFor(carriage, objects)
      if (!(facts instanceof Promise)) return translateRequest(carriage, leg, body, facts?.[0] ?? {})
      return facts.then(
        ([found = {}]) => translateRequest(carriage, leg, body, found),
        (error: unknown) => {
          onError(error)
          return NOT_LOOKED_UP
        },
      )
    },
    answer(carriage, answer, losses = null) {
      const leg = legBack(carriage)
      if (leg === null || leg.from === leg.to) return SAME
      return translateAnswer(carriage, leg, answer, losses)
    },
    list(carriage, piece, mostBytes = Number.POSITIVE_INFINITY) {
      const leg = legBack(carriage)
      return leg === null || leg.from === leg.to ? piece : translateList(carriage, leg, piece, mostBytes)
    },
  }
}
