// Bodies of some bytes that inflate to megabytes cost their sender something, and nobody else.
import { brotliCompressSync, constants } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CallAnswer } from '../support/partner-client.ts'
import { until } from '../support/until.ts'
import { CPO, EMSP, HUB, type Joined, manyTimes, openProcessStage, type ProcessHub, type Stage } from './stage.ts'

const MB = 1024 * 1024
/**
 * What the hub's process may hold, where 150 to 250 MB are usual: what may be inflated at once (64 MB), and what the allocator keeps in
 * the two arenas that `npm start` lets it have. A hub that inflates whole bodies takes ten gigabytes.
 */
const MOST_RESIDENT_BYTES = 512 * MB
/** What it may have in use beyond what it had before, once the storm is over. */
const MOST_IN_USE_BYTES = 100 * MB
const STORM = 100
const HOSTILE = { country_code: 'BE', party_id: 'BAD' } as const
const BR = ['Content-Type', 'application/json', 'Content-Encoding', 'br']

/** Some dozens of bytes that become 31 MB. */
const BOMB = brotliCompressSync(
  Buffer.concat([Buffer.from('{"status_code":1000,"data":"'), Buffer.alloc(31 * MB, 0x78)]),
  { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 } },
)

let stage: Stage<ProcessHub>
let hostile: Joined
beforeAll(async () => {
  stage = await openProcessStage({ INBOUND_REQUESTS_PER_SECOND: '0' })
  hostile = await stage.intrude([
    { ...HOSTILE, role: 'CPO' },
    { ...HOSTILE, role: 'EMSP' },
  ])
  hostile.on('locations', 'SENDER', () => ({ isBare: true, headers: BR, body: BOMB }))
  // It is up to the receivers what they make of a body that the hub only carries.
  stage.emsp.on('locations', 'RECEIVER', () => ({}))
}, 60_000)
afterAll(() => stage?.hub.close())

type Attack = (index: number) => Promise<CallAnswer>

const put = (path: string, to: typeof EMSP | typeof HUB): Attack => {
  const call = { method: 'PUT', to, headers: BR, body: BOMB }
  return (index) => hostile.call('locations', 'RECEIVER', { ...call, path: `${path}${index}` })
}
const credentials: Attack = () =>
  hostile.callUrl(hostile.hubEndpoints.get('credentials/RECEIVER') as string, {
    method: 'PUT',
    headers: BR,
    body: BOMB,
  })
const command: Attack = () =>
  hostile.call('commands', 'RECEIVER', { method: 'POST', path: '/START_SESSION', to: CPO, headers: BR, body: BOMB })
const ownList: Attack = () => hostile.call('locations', 'SENDER', { to: HOSTILE })
const getAll: Attack = () => hostile.call('locations', 'SENDER', { to: HUB })

test.each<[string, Attack]>([
  ['in direct requests', put('/BE/BAD/DIRECT', EMSP)],
  ['in broadcasts', put('/BE/BAD/ALL', HUB)],
  ['in commands', command],
  ['in credentials', credentials],
  ['in answers', ownList],
  ['in answers to GET All', getAll],
])(
  'A hundred of them at once, %s: the honest are served at once, and memory is bounded',
  async (_, attack) => {
    const before = (await stage.hub.memory()).inUseBytes
    let most = 0
    let isOver = false
    const watch = (async () => {
      while (!isOver) most = Math.max(most, (await stage.hub.memory()).residentBytes)
    })()
    const storm = manyTimes(STORM, STORM, attack)
    storm.catch(() => {})
    // The turn of each comes though a hundred came before: with the storm under way none has to ask a second time.
    expect(await stage.ask(10)).toEqual(Array(10).fill(1000))
    const paths = await stage.push(5)
    await stage.turnsOf(paths, 0)
    await storm
    isOver = true
    await watch
    expect(most).toBeLessThan(MOST_RESIDENT_BYTES)
    await until(
      async () => (await stage.hub.memory()).inUseBytes < before + MOST_IN_USE_BYTES,
      'Expected the memory to come back',
      15_000,
    )
  },
  60_000,
)
