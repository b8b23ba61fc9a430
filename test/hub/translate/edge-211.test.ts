// Rules: what a CPO of OCPI 2.1.1 gives the hub is sorted by eMSP, also where a list streams by.
import { expect, test } from 'vitest'
import type { ByteStream } from '../../../src/hub/message.ts'
import type { Platform } from '../../../src/hub/network/routing-table.ts'
import { createAliases } from '../../../src/hub/open-routing/aliases.ts'
import { createContracts } from '../../../src/hub/open-routing/contracts.ts'
import { createDrivers } from '../../../src/hub/open-routing/drivers.ts'
import { createObjectOwners, type OwnerStore } from '../../../src/hub/open-routing/object-owners.ts'
import { createOperators } from '../../../src/hub/open-routing/operators.ts'
import type { Carriage } from '../../../src/hub/translate/carriage.ts'
import { createEdge211 } from '../../../src/hub/translate/edge-211.ts'
import { createTranslate } from '../../../src/hub/translate/translate.ts'
import { keyOf, type Role } from '../../../src/ocpi/party.ts'
import { platformOf } from './platform.ts'

const party = (partyId: string) => ({ countryCode: 'NL', partyId })
const cpo = platform('CPA', 'CPO')
const emsp = platform('EMX', 'EMSP')

function platform(partyId: string, role: Role): Platform {
  const own = { ...party(partyId), key: keyOf(party(partyId)), platformId: partyId }
  const told = { status: 'CONNECTED', since: 0, revision: 0, announcedAt: 0, announcedRevision: 0 } as const
  return { ...platformOf(partyId, '2.1.1'), parties: [{ ...own, roles: [{ role, status: 'ACTIVE', told }] }] }
}

const EMPTY_STORE: OwnerStore = {
  find: async () => [],
  findMany: async () => [],
  save: async () => {},
  trim: async () => 0,
}

function edge(store: OwnerStore = EMPTY_STORE) {
  let clock = 0
  const owners = createObjectOwners({ store, now: () => clock++, after: () => () => {}, noteBound: () => {} })
  const contracts = createContracts({ owners, now: () => 0, table: () => null })
  contracts.learn({ auth_id: 'X-1', uid: 'U1', type: 'RFID' }, keyOf(party('EMX')))
  contracts.learn({ auth_id: 'Y-1', uid: 'U2', type: 'RFID' }, keyOf(party('EMY')))
  // Too late: the first who showed it has it.
  contracts.learn({ auth_id: 'Y-1', uid: 'U2', type: 'RFID' }, keyOf(party('EMX')))
  const ports = { now: () => 0, noteConversion: () => {}, onError: () => {}, bufferBytes: 100_000 }
  const drivers = createDrivers({ owners })
  const aliases = createAliases({ owners, digest: (text) => text.padEnd(43, 'x').replace(/[^A-Za-z0-9]/g, '-') })
  const turn = async () => undefined
  const businessOf = async () => new Map([['NL*CPA/CPO', { name: 'Charge Point A', own: 1 }]])
  const operators = createOperators({ ...ports, businessOf })
  return createEdge211(createTranslate(ports), {
    ...ports,
    hub: party('HUB'),
    contracts,
    drivers,
    aliases,
    operators,
    turn,
  })
}

const pull: Carriage = {
  ...{ module: 'sessions', interfaceRole: 'SENDER', method: 'GET', rest: '', query: '', version: '2.1.1' },
  ...{ caller: emsp, receiver: cpo, from: party('EMX'), to: party('CPA'), isLed: false },
}
const session = (id: string, auth_id: string) => ({ id, auth_id, kwh: 1 })
const LIST = JSON.stringify({
  data: [session('1', 'X-1'), session('2', 'Y-1'), session('3', 'x-1'), session('4', 'Z-1')],
  status_code: 1000,
})

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
}

async function read(body: Uint8Array | ByteStream): Promise<{ data: { id: string }[] }> {
  if (body instanceof Uint8Array) return JSON.parse(new TextDecoder().decode(body))
  let text = ''
  for await (const piece of body) text += new TextDecoder().decode(piece)
  return JSON.parse(text)
}

test.each([1, 7, 64, 10_000])('A list in pieces of %d bytes has the sessions of its eMSP alone', async (size) => {
  const answer = await edge().answer(pull, { status: 200, ocpiStatus: null, body: inPieces(LIST, size) })
  if (answer.kind !== 'translated') throw new Error(`Expected a list, got ${answer.kind}`)
  expect((await read(answer.body)).data.map(({ id }) => id)).toEqual(['NLCPA.1', 'NLCPA.3'])
})

test('Where contracts cannot be looked up nothing is given', async () => {
  const away = edge({ ...EMPTY_STORE, findMany: () => Promise.reject(new Error('away')) })
  const body = new TextEncoder().encode(LIST)
  expect((await away.answer(pull, { status: 200, ocpiStatus: 1000, body })).kind).toBe('failed')
  const streamed = await away.answer(pull, { status: 200, ocpiStatus: null, body: inPieces(LIST, 64) })
  if (streamed.kind !== 'translated') throw new Error(`Expected a stream, got ${streamed.kind}`)
  await expect(read(streamed.body)).rejects.toThrow('away')
})

test('An answer that is no list of sessions is given without what is in it', async () => {
  const body = new TextEncoder().encode(LIST.replace('1000', '2000'))
  const refused = await edge().answer(pull, { status: 200, ocpiStatus: 2000, body })
  if (refused.kind !== 'translated') throw new Error(`Expected an answer, got ${refused.kind}`)
  expect(await read(refused.body)).toEqual({ data: [], status_code: 2000 })
  const odd = await edge().answer({ ...pull, rest: '/1/2/3' }, { status: 200, ocpiStatus: 1000, body })
  if (odd.kind !== 'translated') throw new Error(`Expected an answer, got ${odd.kind}`)
  expect(await read(odd.body)).toEqual({ data: [], status_code: 2000 })
})

test('A Location that names no operator gets the business details of its owner, who would else be taken to be the hub', async () => {
  const location = (id: string, more: object = {}) => ({ id, name: 'Somewhere', ...more })
  const data = [location('1'), location('2', { operator: null }), location('3', { operator: { name: 'Another' } })]
  const body = new TextEncoder().encode(JSON.stringify({ data, status_code: 1000 }))
  const answer = await edge().answer({ ...pull, module: 'locations' }, { status: 200, ocpiStatus: 1000, body })
  if (answer.kind !== 'translated') throw new Error(`Expected a list, got ${answer.kind}`)
  const own = { name: 'Charge Point A' }
  expect((await read(answer.body)).data).toMatchObject([
    { operator: own },
    { operator: own },
    { operator: { name: 'Another' } },
  ])

  const push = {
    ...pull,
    module: 'locations',
    interfaceRole: 'RECEIVER',
    rest: '/NL/CPA/1',
    caller: cpo,
    receiver: emsp,
  } as const
  const pushed = async (method: string) => {
    const way = { ...push, method, from: party('CPA'), to: party('EMX') }
    const sent = await edge().request(way, new TextEncoder().encode('{"name":"Elsewhere"}'))
    if (sent.kind !== 'translated') throw new Error(`Expected a push, got ${sent.kind}`)
    return JSON.parse(new TextDecoder().decode(sent.body)) as object
  }
  expect(await pushed('PUT')).toMatchObject({ operator: own })
  expect(await pushed('PATCH')).toEqual({ name: 'Elsewhere' })
})
