import type { Admin, QueueView } from './hub/admin.ts'
import { type Cpo, createCpo } from './partners/cpo.ts'
import { createEmsp, type Emsp } from './partners/emsp.ts'
import type { Platform } from './partners/platform.ts'
import type { ObserveTraffic } from './partners/wire.ts'

/** Everyone who takes part, and the hub between them. */
export type World = {
  readonly hubUrl: string
  readonly admin: Admin
  readonly cpos: readonly Cpo[]
  readonly emsps: readonly Emsp[]
  readonly noteId: (platform: Platform, id: string) => void
  /** What the hub calls a platform. Throws before it was noted. */
  readonly idOf: (platform: Platform) => string
  /** Shows how the queues of the eMSPs stand. */
  readonly showQueues: () => Promise<void>
}

type Partners = Pick<World, 'cpos' | 'emsps'>

/** Joins partners and a hub. */
export function createWorld(
  hubUrl: string,
  admin: Admin,
  partners: Partners,
  showQueue: (label: string, queue: QueueView) => void,
): World {
  const ids = new Map<Platform, string>()
  return {
    hubUrl,
    admin,
    ...partners,
    noteId: (platform, id) => void ids.set(platform, id),
    idOf: (platform) => {
      const id = ids.get(platform)
      if (id === undefined) throw new Error(`${platform.label} has not registered`)
      return id
    },
    showQueues: async () => {
      const queues = await admin.listQueues()
      for (const { platform } of partners.emsps) {
        const queue = queues.find(({ platform_id }) => platform_id === ids.get(platform))
        if (queue) showQueue(platform.label, queue)
      }
    },
  }
}

/** Starts the simulated platforms; none is registered yet. */
export async function startPartners(observe: ObserveTraffic): Promise<Partners> {
  const cpos = [
    createCpo({ name: 'Polder Charging', party: { country_code: 'NL', party_id: 'CPA' }, country: 'NL', observe }),
    createCpo({ name: 'Rheinstrom', party: { country_code: 'DE', party_id: 'CPB' }, country: 'DE', observe }),
    createCpo({ name: 'Nordlade', party: { country_code: 'DE', party_id: 'CPC' }, country: 'DE', observe }),
    createCpo({
      name: 'Scheldestroom',
      party: { country_code: 'BE', party_id: 'CPD' },
      version: '2.1.1',
      country: 'BE',
      observe,
    }),
    createCpo({
      name: 'Nordkraft',
      party: { country_code: 'NO', party_id: 'CPE' },
      version: '2.3.0',
      country: 'NO',
      observe,
    }),
  ]
  const emsps = [
    createEmsp({ name: 'Tulip Mobility', party: { country_code: 'NL', party_id: 'EMA' }, observe }),
    createEmsp({ name: 'Alpendrive', party: { country_code: 'DE', party_id: 'EMB' }, observe }),
    createEmsp({ name: 'Fjordbil', party: { country_code: 'NO', party_id: 'EMC' }, version: '2.3.0', observe }),
  ]
  await Promise.all([...cpos, ...emsps].map(({ platform }) => platform.listen()))
  return { cpos, emsps }
}

export async function stopPartners({ cpos, emsps }: Partners): Promise<void> {
  await Promise.all([...cpos, ...emsps].map((partner) => partner.close()))
}
