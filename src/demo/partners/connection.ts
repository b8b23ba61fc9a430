import type { Context } from 'hono'
import { endpointKey, type InterfaceRole } from '../../ocpi/modules.ts'
import { STATUS } from '../../ocpi/status.ts'
import type { CredentialsRole, PartyName } from '../../sandbox/party/objects.ts'
import {
  isSuccess,
  type ReplyOptions,
  readObject,
  reply,
  showAnswer,
  type WireAnswer,
  type WireRequest,
} from '../../sandbox/party/wire.ts'
import type { Dialect, TheirCredentials } from './dialect.ts'

/** What a handshake gave: how to call the peer. */
export type Peer = {
  readonly token: string
  /** By `endpointKey`; credentials under `credentials/RECEIVER`, whichever role was announced. */
  readonly endpoints: ReadonlyMap<string, string>
  /** The party at the other end. */
  readonly party: PartyName
  /** Whether the other end is a hub that says so. */
  readonly isHub: boolean
}

export type ConnectionPorts = {
  readonly dialect: Dialect
  readonly versionsUrl: () => string
  readonly self: CredentialsRole
  /** The role of the peer's interface of a module, for versions that do not say it. */
  readonly roleAtPeer: (module: string) => InterfaceRole
  /** Sends a request to the peer, named for those who watch. */
  readonly send: (module: string, what: string, request: WireRequest) => Promise<WireAnswer>
}

export type Connection = {
  readonly peer: () => Peer | null
  /** What a token opens here: everything, registration only, or nothing (null). */
  readonly check: (
    authorization: string | undefined,
  ) => { readonly token: string; readonly opens: 'all' | 'registration' } | null
  /** A token with which the peer may register here. */
  readonly issueToken: () => string
  /** Registers at the peer. Throws unless it succeeds; then nothing has changed. */
  readonly register: (at: { readonly versionsUrl: string; readonly token: string }) => Promise<void>
  /** Gives the peer a new token and takes a new one. Throws unless it succeeds. */
  readonly rotate: () => Promise<void>
  /** Ends the connection. Throws unless it succeeds. */
  readonly unregister: () => Promise<void>
  /** Answers the credentials endpoint [credentials: GET, POST, PUT, DELETE]. */
  readonly answer: (c: Context, usedToken: string) => Promise<Response>
}

type Discovery = { kind: 'found'; endpoints: ReadonlyMap<string, string> } | { kind: 'failed'; reply: ReplyOptions }

/** Both halves of the credentials handshake, and what it leaves behind. One peer at a time. */
export function createConnection({ dialect, versionsUrl, self, roleAtPeer, send }: ConnectionPorts): Connection {
  const { version } = dialect
  let peer: Peer | null = null
  /** Tokens the peer may use; the one before a rotation stays good for what is still on its way. */
  let accepted: string[] = []
  const registrationTokens = new Set<string>()

  const credentials = (token: string) => dialect.writeCredentials(token, versionsUrl(), self)
  const read = (value: unknown): TheirCredentials | null =>
    typeof value === 'object' && value !== null ? dialect.readCredentials(value as Record<string, unknown>) : null
  const peerOf = ({ token, party, isHub }: TheirCredentials, endpoints: Peer['endpoints']): Peer => {
    return { token, endpoints, party, isHub }
  }

  const discover = async (url: string, token: string): Promise<Discovery> => {
    const versions = await send('versions', 'GET versions', { method: 'GET', url, token })
    const listed = asList<{ version: string; url: string }>(versions.data)
    if (!isSuccess(versions) || !listed) return cannot(STATUS.unableToUseApi, `versions: ${showAnswer(versions)}`)
    const chosen = listed.find((each) => each.version === version)
    if (!chosen)
      return cannot(
        STATUS.unsupportedVersion,
        `no version ${version} among ${listed.map((each) => each.version).join(', ')}`,
      )
    const details = await send('versions', `GET details of ${version}`, { method: 'GET', url: chosen.url, token })
    const endpoints = asList<{ identifier: string; role?: InterfaceRole; url: string }>(
      (details.data as { endpoints?: unknown } | undefined)?.endpoints,
    )
    if (!isSuccess(details) || !endpoints)
      return cannot(STATUS.unableToUseApi, `version details: ${showAnswer(details)}`)
    const keyed = endpoints.map(({ identifier, role, url: at }) => {
      const known = identifier === 'credentials' ? 'RECEIVER' : (role ?? roleAtPeer(identifier))
      return [endpointKey(identifier, known), at] as const
    })
    const found = new Map(keyed)
    if (!found.has('credentials/RECEIVER')) return cannot(STATUS.noMatchingEndpoints, 'no credentials endpoint')
    return { kind: 'found', endpoints: found }
  }

  const offer = async (
    method: 'POST' | 'PUT',
    endpoints: ReadonlyMap<string, string>,
    token: string,
  ): Promise<void> => {
    const offered = newToken()
    const before = accepted
    accepted = [...accepted, offered]
    const url = endpoints.get('credentials/RECEIVER') ?? ''
    const what = method === 'POST' ? 'POST credentials: register' : 'PUT credentials: new tokens'
    const answer = await send('credentials', what, { method, url, token, body: credentials(offered) }).catch(
      (error: unknown) => {
        accepted = before
        throw error
      },
    )
    const theirs = read(answer.data)
    if (!isSuccess(answer) || !theirs) {
      accepted = before
      throw new Error(`${method} of credentials was refused: ${showAnswer(answer)}`)
    }
    accepted = accepted.slice(-2)
    peer = peerOf(theirs, endpoints)
  }

  const connected = (): Peer => {
    if (!peer) throw new Error('Not connected')
    return peer
  }

  return {
    peer: () => peer,
    check: (authorization) => {
      const sent = /^Token (.+)$/.exec(authorization ?? '')?.[1]
      const known = accepted.find((token) => dialect.tokenInHeader(token) === sent)
      if (known !== undefined) return { token: known, opens: 'all' }
      const first = [...registrationTokens].find((token) => dialect.tokenInHeader(token) === sent)
      return first === undefined ? null : { token: first, opens: 'registration' }
    },
    issueToken: () => {
      const token = newToken()
      registrationTokens.add(token)
      return token
    },
    register: async ({ versionsUrl: at, token }) => {
      const discovery = await discover(at, token)
      if (discovery.kind === 'failed') throw new Error(discovery.reply.message)
      await offer('POST', discovery.endpoints, token)
    },
    rotate: () => offer('PUT', connected().endpoints, connected().token),
    unregister: async () => {
      const { endpoints, token } = connected()
      const url = endpoints.get('credentials/RECEIVER') ?? ''
      const answer = await send('credentials', 'DELETE credentials: leave', { method: 'DELETE', url, token })
      if (!isSuccess(answer)) throw new Error(`DELETE of credentials was refused: ${showAnswer(answer)}`)
      peer = null
      accepted = []
    },
    answer: async (c, usedToken) => {
      const isRegistering = registrationTokens.has(usedToken)
      const refuse = (options: ReplyOptions) => reply(c, undefined, options)
      switch (c.req.method) {
        case 'GET':
          return reply(c, credentials(usedToken))
        case 'POST':
        case 'PUT': {
          if (isRegistering !== (c.req.method === 'POST')) {
            return refuse({
              status: 405,
              statusCode: STATUS.clientError,
              message: isRegistering ? 'Not registered yet' : 'Registered already',
            })
          }
          const theirs = read(await readObject(c))
          if (!theirs)
            return refuse({ statusCode: STATUS.invalidParameters, message: `Expected credentials of ${version}` })
          const discovery = await discover(theirs.url, theirs.token).catch((error: unknown) =>
            cannot(STATUS.unableToUseApi, String(error)),
          )
          if (discovery.kind === 'failed') return refuse(discovery.reply)
          registrationTokens.delete(usedToken)
          const given = newToken()
          accepted = [...accepted, given].slice(-2)
          peer = peerOf(theirs, discovery.endpoints)
          return reply(c, credentials(given))
        }
        case 'DELETE':
          if (isRegistering) return refuse({ status: 405, statusCode: STATUS.clientError, message: 'Not registered' })
          peer = null
          accepted = []
          return reply(c, undefined)
        default:
          return refuse({ status: 405, statusCode: STATUS.clientError, message: `No ${c.req.method} here` })
      }
    },
  }
}

function cannot(statusCode: number, message: string): Discovery {
  return { kind: 'failed', reply: { statusCode, message } }
}

function asList<T>(value: unknown): T[] | null {
  return Array.isArray(value) ? (value as T[]) : null
}

/** 256 bits in 64 printable characters [credentials: token, string(64)]. */
function newToken(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
