import { type Line, pathOf } from './line.ts'
import type { ChargingProfile, PartyName, Token } from './objects.ts'
import { SHAPES_221, type Shapes } from './shapes/shapes.ts'
import type { WireAnswer } from './wire.ts'

export type CommandName = 'START_SESSION' | 'STOP_SESSION' | 'CANCEL_RESERVATION'

/** What an eMSP sends of its own accord. What is answered twice, the second time by the station, names where with a response_url. */
export type EmspCalls = ReturnType<typeof createEmspCalls>

export function createEmspCalls(line: Line, shapes: Shapes = SHAPES_221) {
  const said = (what: string) => (answer: WireAnswer) =>
    `${what}: ${(answer.data as { result?: string } | undefined)?.result ?? 'no'}`
  const profiles = { module: 'chargingprofiles', role: 'RECEIVER' } as const
  const pathOfToken = (token: Token) => `${pathOf(token, token.uid)}${shapes.isPatchDated ? `?type=${token.type}` : ''}`

  return {
    /** The response_url of the nth request: what is posted there is found by the name at its end. */
    responseUrl: (module: 'commands' | 'chargingprofiles', what: string, id: string) =>
      `${line.endpointUrl(module)}/results/${what.replaceAll(' ', '-')}/${id}`,

    command: (cpo: PartyName, name: CommandName, response_url: string, body: object) =>
      line.call({
        module: 'commands',
        role: 'RECEIVER',
        method: 'POST',
        path: `/${name}`,
        to: cpo,
        body: shapes.command({ response_url, ...body }),
        what: said(`POST ${name}`),
      }),

    setProfile: (cpo: PartyName, sessionId: string, response_url: string, charging_profile: ChargingProfile) =>
      line.call({
        ...profiles,
        method: 'PUT',
        path: `/${encodeURIComponent(sessionId)}`,
        to: cpo,
        body: { charging_profile, response_url },
        what: said(`PUT profile of ${sessionId}`),
      }),

    /** @param query what stands before the response_url, with its `&` */
    profile: (cpo: PartyName, method: 'GET' | 'DELETE', sessionId: string, response_url: string, query = '') =>
      line.call({
        ...profiles,
        method,
        path: `/${encodeURIComponent(sessionId)}?${query}response_url=${encodeURIComponent(response_url)}`,
        to: cpo,
        what: said(`${method} profile of ${sessionId}`),
      }),

    /** Gives a CPO a token with PUT. */
    announceToken: (cpo: PartyName, token: Token) =>
      line.call({
        module: 'tokens',
        role: 'RECEIVER',
        method: 'PUT',
        path: pathOfToken(token),
        to: cpo,
        body: shapes.token(token),
        what: `PUT ${token.uid}`,
      }),

    /** Changes a token at a CPO with PATCH. */
    blockToken: (cpo: PartyName, token: Token): Promise<WireAnswer> => {
      token.valid = false
      token.last_updated = new Date().toISOString()
      return line.call({
        module: 'tokens',
        role: 'RECEIVER',
        method: 'PATCH',
        path: pathOfToken(token),
        to: cpo,
        body: { valid: false, ...(shapes.isPatchDated && { last_updated: token.last_updated }) },
        what: `PATCH ${token.uid}: blocked`,
      })
    },
  }
}
