import { expect, test } from 'vitest'
import { pairMatrix } from '../../src/admin/use-cases/pair-matrix.ts'
import { type Agreement, pairKey } from '../../src/hub/network/policy.ts'
import type { HostedParty, RoutingTable } from '../../src/hub/network/routing-table.ts'
import { keyOf, type PartyKey, type Role } from '../../src/ocpi/party.ts'

const TOLD = { status: 'CONNECTED', since: 0, revision: 1, announcedAt: 0, announcedRevision: 1 } as const

function hosted(countryCode: string, number: number, role: Role): HostedParty {
  const party = { countryCode, partyId: number.toString(36).toUpperCase().padStart(3, '0') }
  return { ...party, key: keyOf(party), platformId: `p${number}`, roles: [{ role, status: 'ACTIVE', told: TOLD }] }
}

test('the matrix of 200 CPOs and 200 eMSPs, with a rule for every other pair, comes whole in one answer', () => {
  const numbers = Array.from({ length: 200 }, (_, number) => number)
  const cpos = numbers.map((number) => hosted('NL', number, 'CPO'))
  const emsps = numbers.map((number) => hosted('DE', number, 'EMSP'))
  const agreements = new Map(
    cpos.flatMap((cpo, i) =>
      emsps
        .filter((_, j) => (i + j) % 2 === 0)
        .map((emsp, j) => {
          const rule: Agreement = {
            ...{
              id: `${i} ${j}`,
              number: i * 200 + j,
              a: cpo,
              b: emsp,
              effect: 'allow',
              modules: ['locations', 'own'],
            },
            ...{ validFrom: null, validUntil: null, createdAt: 0, createdRevision: 1, endedAt: null, revision: 1 },
          }
          return [pairKey(cpo.key, emsp.key), [rule]] as const
        }),
    ),
  )
  const table: RoutingTable = {
    revision: 1,
    hub: { countryCode: 'NL', partyId: 'HUB' },
    credentials: new Map(),
    platforms: new Map(),
    parties: new Map<PartyKey, readonly HostedParty[]>([...cpos, ...emsps].map((party) => [party.key, [party]])),
    policy: { kind: 'agreements', turns: [] },
    agreements,
    departed: new Map(),
  }
  const question = { cpo: [], emsp: [], module: null, at: 1, place: { cpo: null, emsp: null }, limit: 200 }
  const { cells, next } = pairMatrix(table, question, 1)
  expect([cells.length, cells[0]?.length, next]).toEqual([200, 200, null])
  expect(cells.flat().filter((cell) => cell === 'some')).toHaveLength(20_000)
})
