import { setTimeout as pause } from 'node:timers/promises'
import { brotliCompressSync, constants } from 'node:zlib'
import type { HubClient } from '../support/hub-client.ts'
import { closeHalfWay, html } from '../support/misbehave.ts'
import type { CallOptions, Partner, WireParty } from '../support/partner.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const HONEST_CPO = { country_code: 'NL', party_id: 'HC1' }
const HONEST_EMSP = { country_code: 'DE', party_id: 'HE0' }
const BAD = { country_code: 'BE', party_id: 'BAD' }
const AGGREGATOR = { country_code: 'FR', party_id: 'AGG', role: 'CPO' } as const
const JSON_BR = ['Content-Type', 'application/json', 'Content-Encoding', 'br']
/** How long what hangs is left to hang. */
const HANG_MS = 10_000

export type Attack = { readonly name: string; readonly run: () => Promise<unknown> }

/** Two hostile platforms, and all they do to a hub. */
export async function createAttacks(hub: HubClient): Promise<Attack[]> {
  const hostile = await hub.join({
    name: 'hostile',
    parties: [
      { ...BAD, role: 'CPO' },
      { ...BAD, role: 'EMSP' },
    ],
  })
  const brought: WireParty[] = [AGGREGATOR]
  const aggregator = await hub.join({ name: 'hostile aggregator', parties: brought })
  for (const each of [hostile, aggregator]) setInterval(() => (each.requests.length = 0), 1_000).unref()
  const bomb = brotliCompressSync(
    Buffer.concat([Buffer.from('{"status_code":1000,"data":"'), Buffer.alloc(31 * 1024 * 1024, 0x78)]),
    { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 } },
  )
  let run = 0
  let turn = 0

  const put = (path: string, call: CallOptions, module = 'locations') =>
    attempt(hostile.call(module, 'RECEIVER', { method: 'PUT', path, to: HUB, ...call }))
  const list = (call: CallOptions) => attempt(hostile.call('locations', 'SENDER', call))
  const credentialsUrl = (partner: Partner) => partner.hubEndpoints.get('credentials/RECEIVER') as string
  /** Answers of its own for as long as it does something. */
  async function during(undo: () => void, act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } finally {
      undo()
    }
  }

  async function* slowly() {
    yield Buffer.from(`{"filler":"${'x'.repeat(1_100_000)}`)
    await pause(HANG_MS)
    yield Buffer.from('"}')
  }

  return [
    {
      name: 'flood',
      run: () => many(2_000, 50, (i) => put(`/BE/BAD/F${++run}-${i}`, { body: { filler: 'x'.repeat(2_000) } })),
    },
    {
      name: 'hundreds of roles',
      async run() {
        turn = (turn + 1) % 2
        const roles = Array.from({ length: 400 }, (_, i) => ({
          ...AGGREGATOR,
          party_id: `${'AB'[turn]}${i.toString(36).toUpperCase().padStart(2, '0')}`,
        }))
        brought.splice(0, Number.POSITIVE_INFINITY, AGGREGATOR, ...roles)
        await attempt(aggregator.rotate())
        brought.splice(1)
        await attempt(aggregator.rotate())
      },
    },
    {
      name: 'bodies that inflate',
      async run() {
        const call = { headers: JSON_BR, body: bomb }
        await many(20, 10, (i) => put(`/BE/BAD/B${i}`, call))
        await many(20, 10, (i) => put(`/BE/BAD/B${i}`, { ...call, to: HONEST_EMSP }))
        await many(20, 10, () => attempt(hostile.callUrl(credentialsUrl(hostile), { method: 'PUT', ...call })))
        const undo = hostile.on('locations', 'SENDER', () => ({ isBare: true, ...call }))
        await during(undo, () => many(20, 10, (i) => list({ to: i % 2 ? BAD : HUB })))
      },
    },
    {
      name: 'slow uploads',
      run: () => many(64, 64, (i) => put(`/BE/BAD/S${i}`, { to: HONEST_EMSP, body: slowly() })),
    },
    {
      name: 'answers that hang',
      async run() {
        const undo = hostile.onRequest(async ({ module }) => {
          if (module !== null) await pause(HANG_MS)
          return 'pass' as const
        })
        await during(undo, () => many(80, 80, (i) => list({ to: i % 4 ? BAD : HUB })))
      },
    },
    {
      name: 'deliveries that fail',
      async run() {
        const undo = hostile.on('locations', 'RECEIVER', (request, response) =>
          (Math.random() < 0.5 ? html(503) : closeHalfWay())(request, response),
        )
        await during(undo, () => pause(HANG_MS))
      },
    },
    {
      name: 'lists without an end',
      async run() {
        const next = `<${hostile.endpointUrl('locations', 'SENDER')}?offset=0>; rel=foo; rel=next; title="a;rel=next"`
        const undo = hostile.on('locations', 'SENDER', () => ({
          data: Array.from({ length: 50 }, (_, i) => ({ id: `L${i}`, ...BAD })),
          headers: ['Link', next, 'X-Total-Count', '1000000000', 'X-Limit', '50'],
        }))
        await during(undo, () => many(100, 10, (i) => list({ to: HUB, query: `?offset=${i * 50}&limit=50` })))
      },
    },
    {
      name: 'objects and parties of others',
      async run() {
        await many(50, 10, (i) => put(`/NL/HC1/K0L${i % 20}`, { body: { serial: 1 } }))
        await many(50, 10, (i) =>
          put(`/NL/HC1/K0L${i % 20}`, { to: HONEST_EMSP, from: HONEST_CPO, body: { serial: 1 } }),
        )
        brought.splice(0, Number.POSITIVE_INFINITY, AGGREGATOR, { ...HONEST_CPO, role: 'CPO' })
        await attempt(aggregator.rotate())
        brought.splice(1)
      },
    },
    {
      name: 'callbacks without an end',
      run: () =>
        many(500, 20, (i) =>
          attempt(
            hostile.call('commands', 'RECEIVER', {
              method: 'POST',
              path: '/UNLOCK_CONNECTOR',
              to: HONEST_CPO,
              body: { [i % 2 ? 'response_url' : 'Response_URL']: `${hostile.origin}/callback/${i}`, location_id: 'L1' },
            }),
          ),
        ),
    },
    {
      name: 'tokens that are guessed',
      run: () => many(200, 20, (i) => attempt(hostile.callUrl(hub.versionsUrl, { authorization: `Token guess${i}` }))),
    },
    {
      name: 'handshakes that hang',
      async run() {
        const undo = aggregator.onRequest(async ({ path }) => {
          if (path === '/versions') await pause(HANG_MS)
          return 'pass' as const
        })
        await during(undo, () => many(20, 20, () => attempt(aggregator.rotate())))
      },
    },
  ]
}

/** What becomes of an attack is of no interest: the hub may be dead in the midst of it, too. */
function attempt(call: Promise<unknown>): Promise<unknown> {
  return call.catch(() => null)
}

async function many(count: number, atOnce: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const work = async () => {
    while (next < count) await act(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}
