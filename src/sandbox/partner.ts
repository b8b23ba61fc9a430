import { type Context, Hono } from 'hono'
import type { Platform } from '../hub/network/routing-table.ts'
import {
  LONGEST_REMEMBERED,
  SANDBOX_VERSION,
  type SandboxMemory,
  type SandboxRole,
  sandboxUrl,
} from '../hub/network/sandbox.ts'
import { STATUS } from '../ocpi/status.ts'
import { createCpoCalls } from './party/cpo-calls.ts'
import { addSenderRoutes, addTokenRoutes, PAGE_SIZES } from './party/cpo-routes.ts'
import { makeLocations, makeTariffs, makeTokens } from './party/data.ts'
import { createEmspCalls } from './party/emsp-calls.ts'
import { addEmspRoutes } from './party/emsp-routes.ts'
import { type Line, labelOf } from './party/line.ts'
import type { Cdr, PartyName, Session } from './party/objects.ts'
import type { Shelf } from './party/shelf.ts'
import { addStationRoutes, callerOf } from './party/stations.ts'
import { reply, replyInvalid, replyUnknown, type WireAnswer } from './party/wire.ts'

/** Pages of one object each, where it is told to make them tiny. */
const TINY = { locations: 1, tariffs: 1, others: 1 }
const TOKENS = 5

export type PartnerPorts = {
  readonly memory: SandboxMemory
  /** Calls the hub with the partner's token: a path of it, or a URL that it gave. */
  readonly send: (call: Parameters<Line['callUrl']>[1] & { readonly url: string }) => Promise<WireAnswer>
  /** Has a station act after its answer has gone. */
  readonly later: (act: () => Promise<unknown>) => void
  readonly publicUrl: string
}

export type Partner = ReturnType<typeof createPartner>

/** What is not to be kept: too long, or under a name that no database takes. */
class NotKept extends Error {}

/**
 * A sandbox partner for the length of a call. Its own data never changes, and all else is in its memory, so that it is the same in every
 * process.
 */
export function createPartner(platform: Platform, ports: PartnerPorts) {
  const { id, name } = platform
  const { party, role } = selfOf(platform)
  const line: Line = {
    party,
    label: labelOf(party),
    endpointUrl: (module) => sandboxUrl(id, module),
    call: ({ role: interfaceRole, path = '', ...call }) =>
      ports.send({
        ...call,
        url: `${ports.publicUrl}/ocpi/${SANDBOX_VERSION}/${interfaceRole.toLowerCase()}/${call.module}${path}`,
      }),
    callUrl: (url, call) => ports.send({ ...call, url }),
  }
  const shelf = <T>(module: string): Shelf<T> => shelfIn<T>(ports.memory, id, module)
  const isTiny = platform.sandbox === 'tiny-pages'
  const locations = makeLocations(party, 'NL', name)
  const tariffs = makeTariffs(party)
  const tokens = makeTokens(party, name, TOKENS)
  const newId = (kind: string) => `${party.party_id}-${kind}${crypto.randomUUID().slice(0, 13)}`
  const held = { locations, tariffs, sessions: shelf<Session>('sessions'), cdrs: shelf<Cdr>('cdrs') }
  const cpo = createCpoCalls(line, held)
  const emsp = createEmspCalls(line)

  const routes = new Hono()
  routes.get('*', (c, next) => (isOfAnother(c, role) ? replyUnknown(c, 'object') : next()))
  if (role === 'CPO') {
    addSenderRoutes(routes, line, held, isTiny ? TINY : PAGE_SIZES, isDriversOf)
    addTokenRoutes(routes, shelf('tokens'))
    addStationRoutes(routes, line, {
      ...held,
      profiles: shelf('profiles'),
      newSessionId: () => newId('S'),
      putSession: (session) => cpo.putSession(session),
      later: ports.later,
    })
  } else {
    addEmspRoutes(routes, line, {
      shelves: {
        locations: shelf('locations'),
        tariffs: shelf('tariffs'),
        sessions: shelf('sessions'),
        cdrs: shelf('cdrs'),
        activeProfiles: shelf('profiles'),
        results: shelf('results'),
      },
      tokens,
      ...(isTiny && { tokensOnAPage: 1 }),
      newReference: () => newId('A'),
      arrived: () => undefined,
    })
  }

  const app = new Hono()
  app.notFound((c) => replyUnknown(c, 'path'))
  app.onError((error, c) =>
    error instanceof NotKept
      ? replyInvalid(c, error.message)
      : reply(c, undefined, { status: 500, statusCode: STATUS.serverError, message: 'The sandbox partner failed' }),
  )
  app.route(`/${id}`, routes)

  return {
    role,
    party,
    line,
    locations,
    tariffs,
    tokens,
    cpo,
    emsp,
    shelf,
    newId,
    fetch: async (request: Request) => app.fetch(request),
  }
}

/*
 * Several newcomers try the hub with one partner, and what it has of one is nothing to another: their drivers' sessions and CDRs, and what
 * they gave it.
 */

function isDriversOf(c: Context): (object: Session | Cdr) => boolean {
  const caller = callerOf(c)
  return ({ cdr_token }) => caller !== null && isSameParty(caller, cdr_token.country_code, cdr_token.party_id)
}

const GIVEN: Readonly<Record<SandboxRole, readonly string[]>> = {
  CPO: ['tokens'],
  EMSP: ['locations', 'tariffs', 'sessions', 'cdrs'],
}

/** Whether a GET is for what another party gave: `/{id}/tokens/NL/EMA/CARD-1`, `/{id}/cdrs/received/NL/CPA/CDR-1`. */
function isOfAnother(c: Context, role: SandboxRole): boolean {
  const [, , module = '', ...names] = new URL(c.req.url).pathname.split('/').map(decoded)
  const [country = '', party = '', id] = names[0] === 'received' ? names.slice(1) : names
  const caller = callerOf(c)
  return GIVEN[role].includes(module) && id !== undefined && !(caller && isSameParty(caller, country, party))
}

function isSameParty(one: PartyName, country: unknown, party: unknown): boolean {
  if (typeof country !== 'string' || typeof party !== 'string') return false
  return `${one.country_code}/${one.party_id}`.toUpperCase() === `${country}/${party}`.toUpperCase()
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function selfOf({ id, parties }: Platform): { readonly party: PartyName; readonly role: SandboxRole } {
  const [party] = parties
  if (!party) throw new Error(`Expected the sandbox partner ${id} to have a party`)
  const isCpo = party.roles.some(({ role }) => role === 'CPO')
  return { party: { country_code: party.countryCode, party_id: party.partyId }, role: isCpo ? 'CPO' : 'EMSP' }
}

function shelfIn<T>(memory: SandboxMemory, partnerId: string, module: string): Shelf<T> {
  return {
    get: async (key) => (isName(key) ? ((await memory.get(partnerId, module, key)) as T | undefined) : undefined),
    list: async () => (await memory.list(partnerId, module)).map(({ object }) => object as T),
    async put(key, object) {
      if (!isName(key)) throw new NotKept('The names in the path are too long, or hold control characters')
      const json = JSON.stringify(object)
      if (json === undefined || json.length > LONGEST_REMEMBERED)
        throw new NotKept(`A sandbox partner takes objects of at most ${LONGEST_REMEMBERED} characters`)
      await memory.put(partnerId, module, key, object)
    },
    drop: async (key) => isName(key) && memory.drop(partnerId, module, key),
  }
}

function isName(key: string): boolean {
  return key.length <= 200 && !/\p{Cc}/u.test(key) && key.isWellFormed()
}
