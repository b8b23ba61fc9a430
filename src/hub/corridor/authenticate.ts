import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { header, singleHeader } from '../../ocpi/headers.ts'
import { holdsNothing, tokenCandidates } from '../../ocpi/token-header.ts'
import type { Hint, NoteRefused } from '../administration/refused-calls.ts'
import type { RateLimit } from '../limits.ts'
import { type MessageIds, replyHeaders } from '../message/message-ids.ts'
import { refuse, tooMany } from '../message/refusal.ts'
import type { Answer, Message } from '../message.ts'
import type { Credential, CurrentTable, Platform, RoutingTable } from '../network/routing-table.ts'
import { platformIn } from '../network/seen-by.ts'
import type { After, Alarm, Now, Secrets } from '../ports.ts'
import { versionOfUrl } from './url-version.ts'

/** The hub makes every token it checks: 256 bits in base64url. Anything of another length need not be digested. */
const TOKEN_LENGTH = 43

/** How long after the partner's answer a handshake that the hub started is over, unless the database is slow. */
const SETTLES_WITHIN_MS = 2_000
const LOOK_AGAIN_MS = 50
/** However the clock is put back meanwhile. */
const MOST_LOOKS = SETTLES_WITHIN_MS / LOOK_AGAIN_MS

/** The platform a request comes from, and the token that proved it. */
export type Caller = {
  readonly platform: Platform
  readonly credential: Credential
  readonly token: string
}

/** Who sent a message: nobody the hub knows (null), or it could not be looked up whether it knows him. */
export type Found = Caller | null | 'not-looked-up'

export type AuthenticatePorts = {
  readonly table: CurrentTable
  /** Rejects when the table could not be read within a short time. */
  readonly freshen: () => Promise<void>
  readonly digest: Secrets['digest']
  readonly failedLogins: RateLimit
  readonly now: Now
  readonly after: After
  readonly alarm: Alarm
  readonly noteRefused: NoteRefused
}

/** The registered platform that a functional message comes from, at once where its token is known here. */
export function authenticate(ports: AuthenticatePorts, message: Message): Found | Promise<Found> {
  const authorization = singleHeader(message.headers, 'authorization')
  const caller = findCaller(ports.table(), authorization, ports.digest, message)
  return caller?.credential.kind === 'access' ? caller : settled(ports, message, caller)
}

async function settled(ports: AuthenticatePorts, message: Message, known: Caller | null): Promise<Found> {
  const found = known ?? (await findCallerAnew(ports, message))
  const caller = isProvisional(found) ? await awaitHandshake(ports, message, found) : found
  return caller === 'not-looked-up' || caller?.credential.kind === 'access' ? caller : null
}

export function isProvisional(found: Found): found is Caller {
  return found !== null && found !== 'not-looked-up' && found.credential.kind === 'provisional'
}

/**
 * The answer to who is not known. Each counts against its address, until that gets no answer but 429; not so a request without a
 * token, which guesses nothing, nor one whose token could not be looked up: 401 would tell a partner that its token is dead.
 *
 * @param hint what is known already of who calls; null: nothing
 */
export function refuseLogin(
  { failedLogins, alarm, noteRefused }: Pick<AuthenticatePorts, 'failedLogins' | 'alarm' | 'noteRefused'>,
  message: Message,
  ids: MessageIds,
  found: Exclude<Found, Caller>,
  hint: Hint | null = null,
): Answer {
  const { headers, clientAddress, receivedAt } = message
  const back = replyHeaders(ids, null, null)
  if (found === 'not-looked-up') {
    const detail = 'The hub cannot look your token up now; try again later'
    alarm({ kind: 'database-away', detail: 'A token that this process does not know could not be looked up' })
    return refuse({ kind: 'hub-failure', detail }, back, receivedAt)
  }
  const taken = holdsNothing(header(headers, 'authorization')) ? null : failedLogins.take(clientAddress())
  if (taken?.kind === 'empty') return refuse(tooMany(taken), back, receivedAt)
  const answer = refuse({ kind: 'unauthenticated' }, back, receivedAt)
  noteRefused(message, answer, hint)
  return answer
}

/**
 * Finds who is calling by the Authorization header, or null: HTTP 401 [transport_and_format: Authorization header].
 *
 * Lenient spellings count when exactly one stored token is meant, unless the platform asks for the specification's form.
 * The digest is looked up, never compared, so the time taken tells nothing about stored tokens.
 */
export function findCaller(
  table: RoutingTable,
  authorization: string | undefined,
  digest: Secrets['digest'],
  { path, receivedAt: now }: Pick<Message, 'path' | 'receivedAt'>,
): Caller | null {
  let found: Caller | null = null
  for (const token of tokenCandidates(authorization, false)) {
    if (token.length !== TOKEN_LENGTH) continue
    const credential = table.credentials.get(digest(token))
    if (!credential || (credential.expiresAt !== null && credential.expiresAt <= now)) continue
    const platform = platformIn(table, credential.platformId)
    if (!platform) continue
    if (found) return null
    found = { platform, credential, token }
  }
  return found?.platform.isStrictAboutTokens && !isAsSpecified(authorization, found, path) ? null : found
}

/** In the form of the version at whose URL a platform calls, else of that which it speaks: 2.1.1 has lists of versions of its own. */
function isAsSpecified(authorization: string | undefined, { platform, token }: Caller, path: string): boolean {
  const version = versionOfUrl(path) ?? platform.version
  return tokenCandidates(authorization, true, version === VERSION_211 ? 'raw' : 'base64').includes(token)
}

/**
 * Looks again, in a table read anew, for a token that this process does not know: another may have made it a moment ago, and a
 * partner uses its new token at once. Null when nobody has it, when it cannot be a token of the hub's, or when the address has
 * used up its failed logins, so that guessing costs the database nothing.
 */
export async function findCallerAnew(ports: AuthenticatePorts, message: Message): Promise<Found> {
  const authorization = singleHeader(message.headers, 'authorization')
  const couldBeOurs = tokenCandidates(authorization, false).some((token) => token.length === TOKEN_LENGTH)
  if (!couldBeOurs || !ports.failedLogins.hasRoom(message.clientAddress())) return null
  try {
    await ports.freshen()
  } catch {
    return 'not-looked-up'
  }
  return findCaller(ports.table(), authorization, ports.digest, message)
}

/**
 * The caller as the handshake leaves it in which the hub gave it its token. Partners use that token as soon as they have
 * answered, a moment before the hub has stored their answer: 401 would tell them that it is dead. Still `provisional` when
 * that takes longer, null when the token is gone.
 */
export async function awaitHandshake(ports: AuthenticatePorts, message: Message, caller: Caller): Promise<Found> {
  const until = ports.now() + SETTLES_WITHIN_MS
  let found: Found = caller
  for (let looks = 0; isProvisional(found) && looks < MOST_LOOKS && ports.now() < until; looks++) {
    await new Promise<void>((resolve) => void ports.after(LOOK_AGAIN_MS, resolve))
    found = await findCallerAnew(ports, message)
  }
  return found
}
