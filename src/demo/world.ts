import type { Admin } from './admin.ts'
import { type Cpo, createCpo } from './cpo.ts'
import { createEmsp, type Emsp } from './emsp.ts'
import type { ObserveTraffic } from './wire.ts'

/** Everyone who takes part, and the hub between them. */
export type World = {
  readonly hubUrl: string
  readonly admin: Admin
  readonly cpos: readonly Cpo[]
  readonly emsps: readonly Emsp[]
}

/** Starts the simulated platforms; none is registered yet. */
export async function startPartners(observe: ObserveTraffic): Promise<Pick<World, 'cpos' | 'emsps'>> {
  const cpos = [
    createCpo({ name: 'Polder Charging', party: { country_code: 'NL', party_id: 'CPA' }, country: 'NL', observe }),
    createCpo({ name: 'Rheinstrom', party: { country_code: 'DE', party_id: 'CPB' }, country: 'DE', observe }),
  ]
  const emsps = [
    createEmsp({ name: 'Tulip Mobility', party: { country_code: 'NL', party_id: 'EMA' }, observe }),
    createEmsp({ name: 'Alpendrive', party: { country_code: 'DE', party_id: 'EMB' }, observe }),
  ]
  await Promise.all([...cpos, ...emsps].map(({ platform }) => platform.listen()))
  return { cpos, emsps }
}

export async function stopPartners({ cpos, emsps }: Pick<World, 'cpos' | 'emsps'>): Promise<void> {
  await Promise.all([...cpos, ...emsps].map((partner) => partner.close()))
}
