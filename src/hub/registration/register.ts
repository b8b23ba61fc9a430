import { type CredentialsObject, listsReachable } from '../../ocpi/credentials.ts'
import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { type Party, showParty } from '../../ocpi/party.ts'
import { type Advice, advise } from '../administration/advice.ts'
import { prefixOf, theirMarkOf } from '../administration/fingerprint.ts'
import type { AdviceKey } from '../administration/handshake-advice.ts'
import { adviceOfFailure } from '../administration/handshake-causes.ts'
import type { Caller } from '../corridor/authenticate.ts'
import { createGate, createRateLimit } from '../limits.ts'
import type { MessageIds } from '../message/message-ids.ts'
import type { Registry } from '../network/registry.ts'
import { whyHubsOwn } from '../network/sandbox.ts'
import { soleSideOf } from '../network/sole-side.ts'
import type { Alarm, NoteBound, Now, Random, Secrets } from '../ports.ts'
import { inEitherEncoding } from './either-encoding.ts'
import { describeLeftOut, type Learnt, learnPartner } from './learn-partner.ts'
import type { Errand, PartnerClient } from './partner-client.ts'
import { tooMany, whatWaits, whyTaken } from './roles-in-words.ts'
import type { ToldCredentials } from './told-credentials.ts'

/** A superseded token lives at most so long, in case the answer with the new one got lost. */
const OLDER_TOKEN_MS = 24 * 3_600_000

/** Handshakes of one platform at once: each waits for answers of the partner, with a connection to it in hand. */
const MOST_AT_ONCE = 4

/** Handshakes that a platform may begin in a row, and how many it may begin a minute from there on. */
const MOST_IN_A_ROW = 30
const MOST_A_MINUTE = 10

/** How a partner's POST or PUT of its credentials ended, with what administrators are told of it. Anything but `registered` changed nothing. */
export type Registered = Ending & { readonly advice: Advice | null }

type Ending =
  | {
      readonly kind: 'registered'
      readonly token: string
      /** What of the version details was listed in vain, and which roles wait, for the partner to read; null when all is well. */
      readonly remarks: string | null
    }
  /** 2001 */
  | { readonly kind: 'invalid'; readonly detail: string }
  /** 3001 */
  | { readonly kind: 'unable-to-use-api'; readonly detail: string }
  /** 3002 */
  | { readonly kind: 'unsupported-version'; readonly detail: string }
  /** 3003 */
  | { readonly kind: 'no-matching-endpoints'; readonly detail: string }
  /** HTTP 401: the registration token was used up meanwhile, or the connection ended. */
  | { readonly kind: 'unauthenticated' }
  /** HTTP 429: others of this platform are under way, or it began too many of late. */
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

/** Who sent credentials, in which message, and who is told of the calls that the hub makes for it. */
type Registrant = { readonly caller: Caller; readonly ids: MessageIds; readonly onCall?: Errand['onCall'] }

export type Register = ReturnType<typeof createRegister>

/** The credentials handshake as the side that is called [credentials: Registration, PUT Method, DELETE Method]. */
export function createRegister(ports: {
  readonly registry: Registry
  readonly client: PartnerClient
  readonly told: Pick<ToldCredentials, 'begin'>
  readonly secrets: Pick<Secrets, 'digest' | 'seal' | 'mac'>
  readonly random: Random
  readonly now: Now
  readonly hub: Party
  /** Brings the routing table of this process up to date. */
  readonly refresh: () => Promise<void>
  readonly alarm: Alarm
  readonly noteBound: NoteBound
}) {
  const { registry, client, told, random, now, hub, refresh, alarm, noteBound } = ports
  const { digest, seal, mac } = ports.secrets
  const gate = createGate(MOST_AT_ONCE)
  const begun = createRateLimit(MOST_A_MINUTE / 60, now, MOST_IN_A_ROW)

  /**
   * POST with a registration token, PUT with an access token (the caller of this sees to that). The partner's endpoints are
   * read before anything is stored, and outside any transaction.
   *
   * @param version the version of the credentials endpoint that was called
   */
  async function register(
    method: 'POST' | 'PUT',
    by: Registrant,
    version: string,
    credentials: CredentialsObject,
  ): Promise<Registered> {
    const { id } = by.caller.platform
    if (!gate.enter(id)) return tooSoon(1)
    try {
      const taken = begun.take(id)
      if (taken.kind === 'empty') return tooSoon(taken.retryAfterSeconds)
      return await shakeHands(method, by, version, credentials)
    } finally {
      gate.leave(id)
    }
  }

  function tooSoon(retryAfterSeconds: number): Registered {
    noteBound('handshakes')
    return { kind: 'too-many', retryAfterSeconds, advice: advise('too-many') }
  }

  async function shakeHands(
    method: 'POST' | 'PUT',
    { caller, ids, onCall }: Registrant,
    version: string,
    credentials: CredentialsObject,
  ): Promise<Registered> {
    const own = credentials.roles.find((role) => whyHubsOwn(role, hub))
    if (own) return invalid(`${showParty(own)} ${whyHubsOwn(own, hub)}`, 'party-is-hub')

    const { id: platformId, tokenEncoding } = caller.platform
    const encoding = encodingOf(caller.platform, version)
    const side = soleSideOf(credentials.roles)
    const platform = await registry.findPlatform(platformId)
    if (!platform) return GONE
    const errand = { platformId, token: credentials.token, encoding, ids, ...(onCall && { onCall }) }
    const { answer: learnt, encoding: taken } = await inEitherEncoding(errand, (each) =>
      learnPartner(client, credentials.url, each, [version], platform.endpointOverrides, side),
    )
    if (learnt.kind !== 'learnt') return { ...unusable(learnt, version), advice: adviceOfFailure(learnt, [version]) }
    if (listsReachable(version)) await told.begin(platformId, now())
    const token = random.token()
    const stored = await registry.storeHandshake({
      platformId,
      version,
      versionsUrl: credentials.url,
      endpoints: learnt.endpoints,
      roles: credentials.roles,
      sealedToken: seal(credentials.token),
      theirMark: theirMarkOf(credentials.token, mac),
      ...(taken !== tokenEncoding && { tokenEncoding: taken }),
      accessDigest: digest(token),
      origin: { by: 'partner', correlationId: ids.correlationId },
      accessPrefix: prefixOf(token, digest),
      ...(method === 'POST'
        ? { consumesRegistrationDigest: digest(caller.token), olderTokensExpireAt: 'now' }
        : {
            consumesRegistrationDigest: null,
            continuesDigest: digest(caller.token),
            olderTokensExpireAt: now() + OLDER_TOKEN_MS,
          }),
    })
    switch (stored.kind) {
      case 'party-taken':
        return invalid(whyTaken(stored), 'party-taken')
      case 'too-many-roles':
        noteBound('roles')
        return invalid(tooMany(stored), 'roles-many')
      case 'registration-gone':
      case 'connection-gone':
      case 'platform-gone':
        return GONE
      case 'stored': {
        await refresh()
        const leftOut = learnt.leftOut.length > 0 ? describeLeftOut(learnt.leftOut) : null
        if (leftOut !== null) alarm({ kind: 'endpoints-left-out', platformId, detail: leftOut })
        const waiting = whatWaits(stored.pending)
        if (waiting !== null) alarm({ kind: 'roles-pending', platformId, detail: waiting })
        const remarks = [waiting, leftOut].filter((each) => each !== null).join('. ')
        const advice = waiting === null ? null : advise('party-not-expected', { detail: waiting })
        return { kind: 'registered', token, remarks: remarks === '' ? null : remarks, advice }
      }
    }
  }

  async function unregister({ caller, ids }: Registrant): Promise<void> {
    await registry.endConnection(caller.platform.id, 'the partner ended the connection', {
      by: 'partner',
      correlationId: ids.correlationId,
    })
    await refresh()
  }

  return { register, unregister }
}

/** Tokens go raw to 2.1.1, which knows no other way, and a platform that was of it is met anew as any other. */
function encodingOf({ version, tokenEncoding }: Caller['platform'], toBe: string): Errand['encoding'] {
  if (toBe === VERSION_211) return 'raw'
  return version === VERSION_211 ? 'base64' : tokenEncoding
}

/** The registration token was used up meanwhile, or the connection ended. */
const GONE: Registered = { kind: 'unauthenticated', advice: advise('token-used', { date: 'a moment before' }) }

function invalid(detail: string, key: AdviceKey): Registered {
  return { kind: 'invalid', detail, advice: advise(key, { detail }) }
}

/** What the partner is told when the hub could not learn from it what it has to know. */
function unusable(learnt: Exclude<Learnt, { kind: 'learnt' }>, version: string): Ending {
  switch (learnt.kind) {
    case 'unsupported-version':
      return { kind: 'unsupported-version', detail: `Your versions do not list ${version}` }
    case 'no-matching-endpoints':
      return { kind: 'no-matching-endpoints', detail: 'Your version details list no module that the hub could route' }
    case 'forbidden-url':
    case 'unreachable':
    case 'refused':
      return { kind: 'unable-to-use-api', detail: learnt.detail }
  }
}
