import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Agreement, type Policy, pairKey } from '../../../src/hub/network/policy.ts'
import type {
  ConnectionStatus,
  DepartedRole,
  HostedParty,
  Platform,
  RoutingTable,
  ToldStatus,
} from '../../../src/hub/network/routing-table.ts'
import {
  clientInfoPage,
  clientInfoSince,
  type Mark,
  nextRuleMoment,
  roleKey,
} from '../../../src/hub/presence/client-info.ts'
import { keyOf, type Party } from '../../../src/ocpi/party.ts'

const NAMES = ['AAA', 'BBB', 'CCC', 'DDD']
const partyOf = (name: string): Party => ({ countryCode: 'NL', partyId: name })

/** A network that changes step by step, as the storage would keep it: each change has a revision and a moment. */
function createNetwork() {
  let now = 1_000
  let revision = 1
  let policy: Policy = { kind: 'open', turns: [] }
  const told = new Map<string, ToldStatus>()
  const departed = new Map<string, DepartedRole>()
  const rules: Agreement[] = []

  function announce(name: string, status: ConnectionStatus): void {
    revision++
    told.set(name, { status, since: now, revision, announcedAt: now, announcedRevision: revision })
  }

  return {
    now: () => now,
    mark: (): Mark => ({ revision, at: now }),
    pass(ms: number): void {
      now += ms
    },
    putBack(ms: number): void {
      now -= ms
    },
    join: (name: string) => void (told.has(name) || announce(name, 'CONNECTED')),
    become(name: string, status: ConnectionStatus): void {
      const before = told.get(name)
      if (!before || before.status === status || status === 'PLANNED') return
      revision++
      const isBack = before.status === 'SUSPENDED'
      told.set(name, {
        ...before,
        status,
        since: now,
        revision,
        ...(isBack && { announcedAt: now, announcedRevision: revision }),
      })
    },
    leave(name: string): void {
      if (!told.delete(name)) return
      revision++
      const role = {
        ...{ ...partyOf(name), key: keyOf(partyOf(name)), role: 'CPO' as const },
        ...{ platformId: name, departedAt: now, revision },
      }
      departed.set(roleKey(role), role)
    },
    agree(a: string, b: string, effect: 'allow' | 'deny', begins: number, lasts: number | null): void {
      if (a === b) return
      revision++
      rules.push({
        ...{
          id: `rule-${rules.length}`,
          number: rules.length + 1,
          a: partyOf(a),
          b: partyOf(b),
          effect,
          modules: null,
        },
        validFrom: begins === 0 ? null : now + begins,
        validUntil: lasts === null ? null : now + begins + lasts,
        ...{ createdAt: now, createdRevision: revision, endedAt: null, revision },
      })
    },
    end(index: number): void {
      const rule = rules[index % Math.max(rules.length, 1)]
      if (!rule || rule.endedAt !== null) return
      revision++
      rules[rules.indexOf(rule)] = { ...rule, endedAt: now, revision }
    },
    turn(): void {
      revision++
      policy = { kind: policy.kind === 'open' ? 'agreements' : 'open', turns: [...policy.turns, { at: now, revision }] }
    },
    table(): RoutingTable {
      const parties = new Map<HostedParty['key'], readonly HostedParty[]>()
      const platforms = new Map<string, Platform>()
      for (const [name, each] of told) {
        const key = keyOf(partyOf(name))
        const party = {
          ...partyOf(name),
          key,
          platformId: name,
          roles: [{ role: 'CPO', status: 'ACTIVE', told: each }],
        }
        parties.set(key, [party as HostedParty])
        platforms.set(name, { id: name, parties: [party] } as unknown as Platform)
      }
      return {
        ...{ revision, hub: partyOf('HUB'), credentials: new Map(), platforms, parties, policy, departed },
        agreements: Map.groupBy([...rules], (rule) => pairKey(keyOf(rule.a), keyOf(rule.b))),
      }
    },
  }
}

type Network = ReturnType<typeof createNetwork>
type Step = (network: Network) => void

const name = fc.constantFrom(...NAMES)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.integer({ min: 1, max: 50 }).map((ms) => (network: Network) => network.pass(ms)),
  name.map((who) => (network: Network) => network.join(who)),
  fc.tuple(name, fc.constantFrom<ConnectionStatus>('CONNECTED', 'OFFLINE', 'SUSPENDED')).map(
    ([who, status]) =>
      (network: Network) =>
        network.become(who, status),
  ),
  name.map((who) => (network: Network) => network.leave(who)),
  fc
    .tuple(
      fc.constantFrom('VIE', 'VIE', 'VIE', ...NAMES),
      name,
      fc.constantFrom('allow' as const, 'deny' as const),
      fc.constantFrom(0, 0, 1, 20, 60),
      fc.option(fc.integer({ min: 1, max: 60 })),
    )
    .map(
      ([a, b, effect, begins, lasts]) =>
        (network: Network) =>
          network.agree(a, b, effect, begins, lasts),
    ),
  fc.nat(20).map((index) => (network: Network) => network.end(index)),
  fc.constant((network: Network) => network.turn()),
)

const LOOK: Step = () => {}
const history = fc.array(fc.oneof({ weight: 3, arbitrary: step }, { weight: 1, arbitrary: fc.constant(LOOK) }), {
  maxLength: 40,
})

/** Plays a history; at each look the viewer VIE is told what is due. Gives what it was told, and what it could see. */
function play(steps: readonly Step[]) {
  const network = createNetwork()
  network.join('VIE')
  for (const each of NAMES.slice(0, 2)) network.join(each)
  let mark = network.mark()
  const known = new Map(view(network).map((seen) => [roleKey(seen), seen]))
  const looks: { due: ReturnType<typeof view>; before: Map<string, ReturnType<typeof view>[number]> }[] = []
  for (const each of [...steps, LOOK]) {
    // What two changes of one millisecond were told as is the same moment for all.
    network.pass(1)
    each(network)
    if (each !== LOOK) continue
    const table = network.table()
    const viewer = table.platforms.get('VIE') as Platform
    const due = clientInfoSince(table, viewer, mark, () => mark, network.now())
    looks.push({ due, before: new Map(known) })
    for (const seen of due) known.set(roleKey(seen), seen)
    mark = network.mark()
  }
  return { network, known, looks }
}

const ALL = { kind: 'page', offset: 0, limit: 1_000, dateFrom: null, dateTo: null } as const

function view(network: Network) {
  const table = network.table()
  return clientInfoPage(table, table.platforms.get('VIE') as Platform, ALL, network.now()).items
}

describe('What a platform is told of others [mod_hub_client_info: Push model]', () => {
  test('leaves it with what it would see if it asked, whatever happened and whenever it was told', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { network, known } = play(steps)
        const asked = new Map(view(network).map((seen) => [roleKey(seen), seen.status]))
        expect(new Map([...known].map(([key, seen]) => [key, seen.status]))).toEqual(asked)
      }),
      { numRuns: 1000 },
    )
  })

  test('is news each time: another status, or the same again since another moment', () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const { due, before } of play(steps).looks) {
          for (const seen of due) {
            const last = before.get(roleKey(seen))
            if (last) expect([seen.status, seen.lastUpdated]).not.toEqual([last.status, last.lastUpdated])
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('never goes back in time', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { looks } = play(steps)
        for (const { due, before } of looks) {
          for (const seen of due) {
            expect(seen.lastUpdated).toBeGreaterThanOrEqual(before.get(roleKey(seen))?.lastUpdated ?? 0)
          }
          expect(due.map((seen) => seen.lastUpdated)).toEqual(due.map((seen) => seen.lastUpdated).sort((a, b) => a - b))
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('is nothing when it looks twice and no rule had its moment', () => {
    fc.assert(
      fc.property(history, fc.nat(100), (steps, ms) => {
        const { network } = play(steps)
        const mark = network.mark()
        const table = network.table()
        const moment = nextRuleMoment(table, network.now())
        network.pass(moment === null ? ms : Math.min(ms, moment - network.now() - 1))
        const viewer = table.platforms.get('VIE') as Platform
        expect(clientInfoSince(table, viewer, mark, () => mark, network.now())).toEqual([])
      }),
    )
  })

  test('is told anew after the clock was put back, whatever rules begin and end once more', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 2_000 }), (steps, ms) => {
        const { network, known } = play(steps)
        const mark = network.mark()
        network.putBack(ms)
        const table = network.table()
        const viewer = table.platforms.get('VIE') as Platform
        for (const seen of clientInfoSince(table, viewer, mark, () => mark, network.now()))
          known.set(roleKey(seen), seen)
        expect(new Map([...known].map(([key, seen]) => [key, seen.status]))).toEqual(
          new Map(view(network).map((seen) => [roleKey(seen), seen.status])),
        )
      }),
      { numRuns: 1000 },
    )
  })
})
