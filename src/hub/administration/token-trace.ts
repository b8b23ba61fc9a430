import type { Secrets } from '../ports.ts'
import { type Advice, advise } from './advice.ts'
import { prefixOf, theirMarkOf } from './fingerprint.ts'
import type { AdviceKey } from './handshake-advice.ts'
import { otherScheme, type Reading } from './token-readings.ts'

/** How a token came to its end. */
export type TokenEnd = 'used' | 'replaced' | 'expired' | 'ended'

/** What the database knows of a token that nobody may use. */
export type Trace =
  | {
      readonly by: 'digest'
      readonly value: string
      readonly platformId: string
      readonly kind: 'registration' | 'access'
      /** Null: as long as it is not ended. */
      readonly expiresAt: number | null
      readonly isStrict: boolean
    }
  /** Ended no more than 30 days ago. */
  | {
      readonly by: 'retired'
      readonly value: string
      readonly platformId: string
      readonly end: TokenEnd
      readonly endedAt: number
    }
  | { readonly by: 'prefix' | 'theirs'; readonly value: string; readonly platformId: string }

/** One question for all of them; each answer names what it was found by. */
export type FindTraces = (of: {
  readonly digests: readonly string[]
  readonly prefixes: readonly string[]
  readonly marks: readonly string[]
}) => Promise<readonly Trace[]>

export type Finding = { readonly platformId: string | null; readonly why: Advice }

const TOKEN_LENGTH = 43
/** A token that is longer or shorter than this is no cut one. */
const CUT_FROM = 20
const CUT_TO = 64

const KEY_OF_FAULT = {
  'base64-twice': 'token-base64-twice',
  scheme: 'token-scheme',
  decorated: 'token-decorated',
} as const
const KEY_OF_END: Readonly<Record<TokenEnd, AdviceKey>> = {
  used: 'token-used',
  replaced: 'token-replaced',
  expired: 'token-expired',
  ended: 'token-ended',
}

/**
 * Tells of a token that the hub does not take what it is, by digests alone. All of them are made and asked for in one question,
 * whatever the token: how long it takes tells nothing.
 */
export function createTokenTrace(ports: {
  readonly findTraces: FindTraces
  readonly secrets: Pick<Secrets, 'digest' | 'mac' | 'previousMac'>
  readonly isAdminToken: (token: string) => boolean
  readonly now: () => number
}) {
  const { findTraces, isAdminToken, now } = ports
  const { digest, mac, previousMac } = ports.secrets

  return async function trace(
    authorization: string | undefined,
    readings: readonly Reading[],
    path: string,
    fingerprint: string | null,
  ): Promise<Finding> {
    if (readings.length === 0) return { platformId: null, why: advise('token-missing') }
    const digests = new Map<string, Reading>()
    const prefixes = new Map<string, Reading>()
    const marks = new Map<string, Reading>()
    for (const reading of readings) {
      const { token } = reading
      if (token.length === TOKEN_LENGTH) digests.set(digest(token), reading)
      const prefix = token.length >= CUT_FROM && token.length <= CUT_TO ? prefixOf(token, digest) : null
      if (prefix !== null) prefixes.set(prefix, reading)
      for (const keyed of previousMac ? [mac, previousMac] : [mac]) marks.set(theirMarkOf(token, keyed), reading)
    }
    const traces = await findTraces({
      digests: [...digests.keys()],
      prefixes: [...prefixes.keys()],
      marks: [...marks.keys()],
    })
    const isAdmins = readings.map(({ token }) => isAdminToken(token)).includes(true)
    const found = (by: Trace['by']) => traces.find((one) => one.by === by)
    const live = found('digest')
    if (live?.by === 'digest') return ofLive(live, digests.get(live.value), authorization, path, fingerprint)
    const retired = found('retired')
    if (retired?.by === 'retired')
      return { platformId: retired.platformId, why: advise(KEY_OF_END[retired.end], { date: dayOf(retired.endedAt) }) }
    const cut = found('prefix')
    if (cut) {
      const length = String(prefixes.get(cut.value)?.token.length)
      return { platformId: cut.platformId, why: advise('token-cut', { length }) }
    }
    const theirs = found('theirs')
    if (theirs) return { platformId: theirs.platformId, why: advise('token-swapped') }
    if (isAdmins) return { platformId: null, why: advise('token-admin') }
    return { platformId: null, why: unknown(fingerprint) }
  }

  function ofLive(
    { platformId, kind, expiresAt, isStrict }: Extract<Trace, { by: 'digest' }>,
    reading: Reading | undefined,
    authorization: string | undefined,
    path: string,
    fingerprint: string | null,
  ): Finding {
    const of = (why: Advice): Finding => ({ platformId, why })
    const fault = reading?.fault ?? 'none'
    if (fault === 'scheme')
      return of(advise('token-scheme', { scheme: otherScheme(authorization ?? '') ?? 'another one' }))
    if (fault !== 'none') return of(advise(KEY_OF_FAULT[fault]))
    if (expiresAt !== null && expiresAt <= now())
      return of(advise(kind === 'registration' ? 'token-expired' : 'token-replaced', { date: dayOf(expiresAt) }))
    if (isStrict) return of(advise('token-strict'))
    if (kind === 'registration') return of(tooEarly(path))
    return of(unknown(fingerprint))
  }

  function unknown(fingerprint: string | null): Advice {
    return advise('token-unknown', { fingerprint: fingerprint ?? undefined })
  }
}

/** A module that a registration token does not open. */
export function tooEarly(path: string): Advice {
  const module = /^\/ocpi\/[^/]+\/(?:(?:sender|receiver)\/)?([a-z]{1,40})/.exec(path)?.[1]
  return advise('too-early', { module: module ?? 'another module' })
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ')
}
