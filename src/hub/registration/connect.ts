import type { CredentialsObject } from '../../ocpi/credentials.ts'
import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import type { Endpoint } from '../../ocpi/modules.ts'
import type { Party } from '../../ocpi/party.ts'
import { BY_ADMIN } from '../administration/events.ts'
import { prefixOf, theirMarkOf } from '../administration/fingerprint.ts'
import type { HandshakeCall, NoteHandshake } from '../administration/handshake-attempts.ts'
import type { createGate } from '../limits.ts'
import { withOverrides } from '../network/endpoint-overrides.ts'
import type { PlatformRecord, Registry } from '../network/registry.ts'
import { whyHubsOwn } from '../network/sandbox.ts'
import { soleSideOf } from '../network/sole-side.ts'
import type { Alarm, NoteBound, Now, Random, Secrets } from '../ports.ts'
import { inEitherEncoding } from './either-encoding.ts'
import { type FlatCredentials, roleOn } from './flat-credentials.ts'
import type { HandshakeOutcome } from './handshake-outcome.ts'
import { NO_CREDENTIALS, verdictOf } from './handshake-verdict.ts'
import { describeLeftOut, type Learnt, learnPartner } from './learn-partner.ts'
import type { OwnCredentials } from './own-credentials.ts'
import type { Errand, PartnerAnswer, PartnerClient } from './partner-client.ts'
import { tooMany, whatWaits } from './roles-in-words.ts'

/** A token given out in a handshake the hub started opens versions and credentials so long; then it is forgotten. */
const PROVISIONAL_MS = 600_000
/** More than the exchange of credentials takes: a handshake's token older than that was left by a hub that died. */
const UNDER_WAY_MS = 60_000
const OLDER_TOKEN_MS = 24 * 3_600_000
/** A token that the partner of a rotation may take or have taken is good so long, unless it is used: then it stays. */
const OFFERED_TOKEN_MS = 24 * 3_600_000

/** The answer to the hub's credentials. After a PUT what is beside the token may make no sense. */
type NewCredentials = CredentialsObject | { readonly token: string; readonly unusable: string }

/** An errand of a handshake that the hub began. */
type OwnErrand = Errand & Required<Pick<Errand, 'ids'>>

/** What is known of a partner when it has answered. */
type Agreed = Extract<Learnt, { kind: 'learnt' }> & {
  readonly versionsUrl: string
  readonly accessDigest: string
  readonly correlationId: string
  readonly accessPrefix: string | null
  /** How the partner takes the hub's token. */
  readonly encoding: Errand['encoding']
}

/** The credentials handshake as the side that calls: start, rotate, end [credentials: Registration]. */
export function createConnect(ports: {
  readonly registry: Registry
  readonly client: PartnerClient
  readonly secrets: Secrets
  readonly random: Random
  readonly now: Now
  readonly hub: Party
  readonly ownCredentials: OwnCredentials
  readonly flat: FlatCredentials
  /** Versions the hub speaks, the best first. */
  readonly versions: readonly string[]
  readonly refresh: () => Promise<void>
  readonly alarm: Alarm
  readonly noteBound: NoteBound
  readonly noteHandshake: NoteHandshake
  /** Holds back a second handshake with a platform while one is under way in this process. */
  readonly gate: ReturnType<typeof createGate>
}) {
  const {
    registry,
    client,
    secrets,
    random,
    now,
    hub,
    ownCredentials,
    flat,
    versions,
    refresh,
    alarm,
    noteBound,
    gate,
    noteHandshake,
  } = ports

  /** Starts a connection from the versions URL and the TOKEN_A that the partner gave. */
  async function connect(
    platformId: string,
    given: { readonly versionsUrl: string; readonly token: string },
    startedBy: string,
  ): Promise<HandshakeOutcome> {
    const platform = await registry.findPlatform(platformId)
    if (!platform) return { kind: 'unknown-platform' }
    if (platform.status === 'CONNECTED' || platform.status === 'OFFLINE') {
      return { kind: 'wrong-status', status: platform.status }
    }
    return shakeHands('POST', platform, given.versionsUrl, errandTo(platform, given.token), startedBy)
  }

  /** Replaces the tokens of both sides and reads the partner's endpoints again. */
  async function rotate(platformId: string, startedBy: string): Promise<HandshakeOutcome> {
    const platform = await registry.findPlatform(platformId)
    if (!platform) return { kind: 'unknown-platform' }
    const connection = await registry.findConnection(platformId)
    if (!connection || platform.status === 'SUSPENDED') return { kind: 'wrong-status', status: platform.status }
    const errand = errandTo(platform, secrets.open(connection.sealedToken))
    return shakeHands('PUT', platform, connection.versionsUrl, errand, startedBy)
  }

  /** The calls of one handshake have message IDs in common, by which they are found. */
  function errandTo({ id, tokenEncoding }: PlatformRecord, token: string): OwnErrand {
    const ids = { requestId: random.id(), correlationId: random.id() }
    return { platformId: id, token, encoding: tokenEncoding, ids }
  }

  /** One at a time: of two, each side could keep the tokens of another one. */
  async function shakeHands(
    method: 'POST' | 'PUT',
    platform: PlatformRecord,
    partnerVersionsUrl: string,
    errand: OwnErrand,
    startedBy: string,
  ): Promise<HandshakeOutcome> {
    if (!gate.enter(platform.id)) return { kind: 'under-way' }
    const calls: HandshakeCall[] = []
    const attempt = { platformId: platform.id, address: null, ledBy: 'hub', startedBy } as const
    try {
      // First, so that the calls that the partner makes meanwhile find the attempt that they belong to.
      await noteHandshake({ ...attempt, at: now(), isFirst: true, calls: [], verdict: null })
      const onCall = (call: HandshakeCall) => void calls.push(call)
      const outcome = await exchange(method, platform, partnerVersionsUrl, { ...errand, onCall })
      await noteHandshake({ ...attempt, at: now(), isFirst: false, calls, verdict: verdictOf(outcome, versions) })
      return outcome
    } finally {
      gate.leave(platform.id)
    }
  }

  /** What was agreed on stays: a partner that comes to offer a better version says when it takes that, by a PUT of its own. */
  function agreedFirst(agreed: string | null): readonly string[] {
    return versions.toSorted((x, y) => Number(y === agreed) - Number(x === agreed))
  }

  async function exchange(
    method: 'POST' | 'PUT',
    platform: PlatformRecord,
    partnerVersionsUrl: string,
    errand: OwnErrand,
  ): Promise<HandshakeOutcome> {
    const side = soleSideOf(platform.parties)
    const acceptable = method === 'PUT' ? agreedFirst(platform.version) : versions
    const learning = await inEitherEncoding(errand, (each) =>
      learnPartner(client, partnerVersionsUrl, each, acceptable, platform.endpointOverrides, side),
    )
    const learnt = learning.answer
    if (learnt.kind !== 'learnt') return outcomeOf(learnt)
    const platformId = platform.id
    if (learnt.leftOut.length > 0)
      alarm({ kind: 'endpoints-left-out', platformId, detail: describeLeftOut(learnt.leftOut) })
    const credentialsUrl = credentialsEndpoint(learnt.mended)
    if (!credentialsUrl) return { kind: 'partner-refused', detail: NO_CREDENTIALS }

    // The partner reads the hub's versions with the new token before it answers, so the token must open them by then.
    const token = random.token()
    const accessDigest = secrets.digest(token)
    const accessPrefix = prefixOf(token, secrets.digest)
    const at = now()
    // What a rotation offers opens everything before it is sent: the partner takes it though the hub dies while it answers.
    const handshakeToken = {
      ...{ digest: accessDigest, prefix: accessPrefix },
      ...(method === 'PUT'
        ? ({ kind: 'rotating', expiresAt: at + OFFERED_TOKEN_MS } as const)
        : ({ kind: 'provisional', expiresAt: at + PROVISIONAL_MS } as const)),
    }
    // The gate knows of this process alone.
    if (!(await registry.addHandshakeToken(platform.id, handshakeToken, at - UNDER_WAY_MS)))
      return { kind: 'under-way' }
    await refresh()
    const flatSide = learnt.version === VERSION_211 ? side : null
    const own = flatSide
      ? { credentials: await flat({ platformId, side: flatSide, token }), told: null }
      : await ownCredentials.make(platformId, learnt.version, token)
    const flatRole = flatSide ? roleOn(flatSide, platform.parties) : undefined
    const taking = { ...errand, encoding: flatSide ? ('raw' as const) : learning.encoding }
    const { answer: answered, encoding } = await inEitherEncoding(taking, (each) =>
      client.sendCredentials(method, credentialsUrl, each, own.credentials, flatRole),
    )
    const agreed = {
      ...learnt,
      versionsUrl: partnerVersionsUrl,
      accessDigest,
      accessPrefix,
      encoding,
      correlationId: errand.ids.correlationId,
    }
    const outcome =
      answered.kind === 'ok'
        ? await storeAnswer(method, platform, agreed, answered.value)
        : isLost(answered)
          ? ({ kind: 'answer-lost', method, detail: answered.detail } as const)
          : outcomeOf(answered)
    const isInDoubt = outcome.kind === 'answer-lost' && method === 'PUT'
    if (isInDoubt) await registry.offerToken(accessDigest)
    else if (outcome.kind !== 'done') await registry.dropHandshakeToken(accessDigest)
    if (outcome.kind === 'done') await ownCredentials.noteTold(platformId, own)
    await refresh()
    return outcome
  }

  async function storeAnswer(
    method: 'POST' | 'PUT',
    platform: PlatformRecord,
    agreed: Agreed,
    credentials: NewCredentials,
  ): Promise<HandshakeOutcome> {
    const { accessDigest } = agreed
    const isUsable = 'roles' in credentials
    const own = isUsable ? credentials.roles.find((role) => whyHubsOwn(role, hub)) : undefined
    const handshake = {
      platformId: platform.id,
      version: agreed.version,
      versionsUrl: isUsable ? credentials.url : agreed.versionsUrl,
      endpoints: agreed.endpoints,
      sealedToken: secrets.seal(credentials.token),
      ...(agreed.encoding !== platform.tokenEncoding && { tokenEncoding: agreed.encoding }),
      accessDigest,
      origin: { ...BY_ADMIN, correlationId: agreed.correlationId },
      accessPrefix: agreed.accessPrefix,
      theirMark: theirMarkOf(credentials.token, secrets.mac),
      consumesRegistrationDigest: null,
      continuesDigest: accessDigest,
      olderTokensExpireAt: method === 'POST' ? ('now' as const) : now() + OLDER_TOKEN_MS,
    }
    const stored = own
      ? ({ kind: 'party-taken', party: own, role: own.role, heldBy: null, why: 'held' } as const)
      : await registry.storeHandshake({ ...handshake, roles: isUsable ? credentials.roles : 'unchanged' })
    // After a PUT the partner has replaced its tokens: without them the connection would be lost.
    const keepTokens = () => method === 'PUT' && registry.storeHandshake({ ...handshake, roles: 'unchanged' })
    switch (stored.kind) {
      case 'stored': {
        const waiting = whatWaits(stored.pending)
        if (waiting !== null) alarm({ kind: 'roles-pending', platformId: platform.id, detail: waiting })
        return isUsable ? { kind: 'done' } : { kind: 'roles-unusable', detail: credentials.unusable }
      }
      case 'party-taken':
        await keepTokens()
        return stored
      case 'too-many-roles':
        noteBound('roles')
        await keepTokens()
        return { kind: method === 'PUT' ? 'roles-unusable' : 'partner-refused', detail: tooMany(stored) }
      case 'connection-gone':
        // The partner, or another administrator, ended it while the partner made its answer.
        return { kind: 'wrong-status', status: 'SUSPENDED' }
      case 'registration-gone':
      case 'platform-gone':
        return { kind: 'unknown-platform' }
    }
  }

  /** Tells the partner that the connection ends, then ends it whatever the partner said. */
  async function end(platformId: string, cause: string): Promise<HandshakeOutcome> {
    const platform = await registry.findPlatform(platformId)
    if (!platform) return { kind: 'unknown-platform' }
    const connection = await registry.findConnection(platformId)
    if (!connection) return { kind: 'wrong-status', status: platform.status }
    const credentialsUrl = credentialsEndpoint(withOverrides(platform.endpoints, platform.endpointOverrides))
    const errand = errandTo(platform, secrets.open(connection.sealedToken))
    if (credentialsUrl) await client.deleteCredentials(credentialsUrl, errand)
    await registry.endConnection(platformId, cause, { ...BY_ADMIN, correlationId: errand.ids.correlationId })
    await refresh()
    return { kind: 'done' }
  }

  return { connect, rotate, end }
}

/** No answer, or none that says whether the credentials were taken: one of a gateway's, or one that makes no sense. */
function isLost(answered: Exclude<PartnerAnswer<never>, { kind: 'ok' }>): boolean {
  if (answered.kind !== 'refused') return answered.kind === 'unreachable'
  const { httpStatus = 200, ocpiStatus } = answered
  return ocpiStatus === undefined && (httpStatus < 300 || httpStatus >= 500)
}

/** The role of a credentials endpoint says nothing [version_information_endpoint: Endpoint class]. */
function credentialsEndpoint(endpoints: readonly Endpoint[]): string | undefined {
  return endpoints.find((endpoint) => endpoint.identifier === 'credentials')?.url
}

function outcomeOf(
  failed: Exclude<Learnt, { kind: 'learnt' }> | Exclude<PartnerAnswer<never>, { kind: 'ok' }>,
): HandshakeOutcome {
  switch (failed.kind) {
    case 'unreachable':
      return { kind: 'partner-unreachable', detail: failed.detail }
    case 'refused':
      return { ...failed, kind: 'partner-refused' }
    case 'forbidden-url':
    case 'unsupported-version':
    case 'no-matching-endpoints':
      return failed
  }
}
