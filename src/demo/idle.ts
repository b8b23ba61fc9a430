import type { World } from './world.ts'

/** What goes on when nothing happens: now and then a message. Returns how to stop. */
export function startIdling({ cpos, emsps }: Pick<World, 'cpos' | 'emsps'>, everyMs: number): () => void {
  const [cpo, otherCpo] = cpos
  const [emsp, otherEmsp] = emsps
  const location = cpo?.locations[1]
  const card = otherEmsp?.tokens[1]
  if (!cpo || !otherCpo || !emsp || !otherEmsp || !location || !card)
    throw new Error('Idling needs two CPOs and two eMSPs')

  let isBusy = false
  const acts = [
    () => cpo.announce(cpo.platform.hub(), { location }),
    () => {
      isBusy = !isBusy
      return cpo.announceStatus(cpo.platform.hub(), { location, evse: 0 }, isBusy ? 'CHARGING' : 'AVAILABLE')
    },
    () => otherCpo.authorize(otherEmsp.platform.party, card, { location: otherCpo.locations[0] ?? location, evse: 0 }),
    () => otherEmsp.announceToken(cpo.platform.party, card),
  ]
  let turn = 0
  const timer = setInterval(() => {
    const act = acts[turn % acts.length]
    turn += 1
    // A failure has its line already.
    act?.().catch(() => {})
  }, everyMs)
  return () => clearInterval(timer)
}
