import { createTestDatabase } from '../support/database.ts'
import { freePort } from '../support/free-port.ts'
import { startTestHub } from '../support/hub.ts'
import { createHubClient, type HubClient } from '../support/hub-client.ts'
import type { Partner, PartnerOptions, WireParty } from '../support/partner.ts'
import type { CallAnswer } from '../support/partner-client.ts'
import type { RecordedRequest } from '../support/partner-server.ts'
import { type Started, startHubProcess } from '../support/processes.ts'

/** The honest pair, and the hub's own party. */
export const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
export const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
export const HUB = { country_code: 'NL', party_id: 'HUB' } as const

export type Joined = Partner & { readonly platformId: string }

/** How many requests the hub has under way to the honest eMSP at most, with what it delivers. */
export const CONCURRENCY = 4

/** An honest CPO and an honest eMSP at a hub, for tests in which somebody hostile works beside them, and how the two are doing. */
export type Stage<Hub extends HubClient = HubClient> = {
  readonly hub: Hub
  readonly cpo: Joined
  readonly emsp: Joined
  /** A platform of its own for the hostile one. */
  readonly intrude: (parties: readonly WireParty[], options?: Partial<PartnerOptions>) => Promise<Joined>
  /** The eMSP asks the CPO for its locations, one time after the other: the codes in the answers, 1000 each while all is well. */
  readonly ask: (times: number) => Promise<(number | null)[]>
  /** The CPO broadcasts so many locations, each of its own, and gets 1000 for each: their paths. */
  readonly push: (count: number) => Promise<string[]>
  /** The eMSP takes what it is delivered and answers nothing from now on. Returns how to let it answer, that and all that follows. */
  readonly holdDeliveries: () => () => void
  /**
   * The turns that these pushes of the CPO took: what the eMSP was delivered, of whomever, behind the first `from` deliveries until it had
   * all of these. Example: of five pushes with two of somebody else among them, seven. Alone it is as many as there are pushes.
   */
  readonly turnsOf: (paths: readonly string[], from: number) => Promise<number>
  /** What the eMSP was delivered so far: pushes and ClientInfo. */
  readonly deliveries: () => readonly RecordedRequest[]
}

/** A whole hub in this process with an honest pair. */
export async function openStage(environment: Record<string, string> = {}) {
  const hub = await startTestHub({ DELIVERY_CONCURRENCY: String(CONCURRENCY), ...environment })
  return setStage(hub)
}

export const ADMIN_TOKEN = 'hostile-admin-token-0123456789'

/** What a hub needs that runs as a process of its own, on loopback. */
export function processSettings(databaseUrl: string, port: number): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    ADMIN_TOKEN,
    ALLOW_PRIVATE_NETWORKS: 'true',
    CONNECTION_CHECK: 'off',
    LOG_LEVEL: 'silent',
    DELIVERY_CONCURRENCY: String(CONCURRENCY),
  }
}

export type ProcessHub = HubClient & {
  readonly process: Started
  /** Bytes of memory that the process holds now, and those of them that V8 and its buffers have in use. */
  readonly memory: () => Promise<{ readonly residentBytes: number; readonly inUseBytes: number }>
  readonly close: () => Promise<void>
}

/** An honest pair at a hub that is a process of its own, whose memory is its own too. */
export async function openProcessStage(environment: Record<string, string> = {}): Promise<Stage<ProcessHub>> {
  const database = await createTestDatabase()
  const port = await freePort()
  const settings = { ...processSettings(database.url, port), ...environment }
  const process = await startHubProcess(settings)
  const client = createHubClient(`http://127.0.0.1:${port}`, ADMIN_TOKEN)
  return setStage({
    ...client,
    process,
    async memory() {
      const text = await (await fetch(`${client.url}/metrics`)).text()
      const value = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
      return {
        residentBytes: value('process_resident_memory_bytes'),
        inUseBytes: value('nodejs_heap_size_used_bytes') + value('nodejs_external_memory_bytes'),
      }
    },
    async close() {
      process.child.kill('SIGTERM')
      await process.ended
      await client.closePartners()
      await database.drop()
    },
  })
}

/** An honest pair at a hub that is there. */
export async function setStage<Hub extends HubClient>(hub: Hub): Promise<Stage<Hub>> {
  const delivery = { requests_per_second: 1_000, concurrency: CONCURRENCY }
  const emsp: Joined = await hub.join({ name: 'honest eMSP', parties: [EMSP] }, { delivery })
  const cpo = await join({ name: 'honest CPO', parties: [CPO] })
  let pushed = 0

  const deliveries = () => [...emsp.requests, ...emsp.told].filter(isDelivery).sort((a, b) => a.nth - b.nth)

  /** The eMSP is told of who comes: what it is delivered later has another reason. */
  async function join(options: PartnerOptions): Promise<Joined> {
    const joined = await hub.join(options, { delivery })
    const told = options.parties.map(({ country_code, party_id, role }) =>
      emsp.waitForRequest((each) => {
        if (each.module !== 'hubclientinfo' || each.suffix !== `/${country_code}/${party_id}`) return false
        const info = each.json() as { role: string; status: string }
        return info.role === role && info.status === 'CONNECTED'
      }),
    )
    await Promise.all(told)
    return joined
  }

  return {
    hub,
    cpo,
    emsp,
    deliveries,
    intrude: (parties, options = {}) => join({ name: 'hostile', parties, ...options }),
    async ask(times) {
      const codes: (number | null)[] = []
      for (let i = 0; i < times; i++) codes.push((await emsp.call('locations', 'SENDER', { to: CPO })).statusCode)
      return codes
    },
    async push(count) {
      const paths = Array.from({ length: count }, () => `/NL/CPO/HONEST${++pushed}`)
      const answers = await Promise.all(paths.map((path) => broadcast(cpo, path)))
      const refused = answers.find(({ statusCode }) => statusCode !== 1000)
      if (refused) throw new Error(`The honest CPO's push was not taken: ${refused.status} ${refused.bytes.toString()}`)
      return paths
    },
    holdDeliveries() {
      const { promise, resolve } = Promise.withResolvers<void>()
      const undo = emsp.onRequest(async (request) => {
        if (isDelivery(request)) await promise
        return 'pass' as const
      })
      return () => {
        undo()
        resolve()
      }
    },
    async turnsOf(paths, from) {
      const found = await Promise.all(
        paths.map((path) => emsp.waitForRequest((each) => isDelivery(each) && each.suffix === path)),
      )
      const all = deliveries()
      return Math.max(...found.map((each) => all.indexOf(each))) + 1 - from
    },
  }
}

function isDelivery({ module, interfaceRole, method }: RecordedRequest): boolean {
  return module !== null && interfaceRole === 'RECEIVER' && method !== 'GET'
}

/** PUT of something to everybody. */
export function broadcast(from: Partner, path: string, body: unknown = {}, module = 'locations'): Promise<CallAnswer> {
  return from.call(module, 'RECEIVER', { method: 'PUT', path, to: HUB, body })
}

/** Does something so many times, some at once. */
export async function manyTimes<T>(count: number, atOnce: number, act: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const work = async () => {
    while (next < count) {
      const index = next++
      results[index] = await act(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work))
  return results
}
