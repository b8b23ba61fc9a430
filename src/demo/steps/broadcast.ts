import type { Location } from '../../sandbox/party/objects.ts'
import { isSuccess, showAnswer } from '../../sandbox/party/wire.ts'
import type { QueueView } from '../hub/admin.ts'
import type { Cpo } from '../partners/cpo.ts'
import type { Emsp } from '../partners/emsp.ts'
import { poll } from '../poll.ts'
import type { Step } from '../step.ts'
import type { World } from '../world.ts'

const SITES = 4
/** So slow that something surely waits while one looks; then a little faster, for those who watch. */
const SLOW_MS = 1_000
const LESS_SLOW_MS = 100

/** One push to the hub reaches every eMSP, each at its own pace: one is slow, then one is away for a while. */
export function broadcastSteps(world: World, cpo: Cpo, away: Emsp, slow: Emsp): Step[] {
  const { admin, idOf, showQueues } = world
  const { emsps } = world
  const sites = cpo.locations.slice(0, SITES)
  const [operator, leaver] = [cpo.platform, away.platform]
  const step = (section: string, name: string, expected: string, run: Step['run']): Step => {
    return { section, name, expected, run, buildsOnSection: true }
  }
  const pushing = `${operator.label} pushes to the hub, every eMSP receives`
  const leaving = `${leaver.label} goes away and comes back`
  const everyEvse = sites.flatMap((location) => location.evses.map((_, evse) => ({ location, evse })))

  /** Rejects unless the hub took each of them. */
  const pushStatus = async (at: readonly { location: Location; evse: number }[], status: string): Promise<void> => {
    for (const each of at) {
      const answer = await cpo.announceStatus(operator.hub(), each, status)
      if (!isSuccess(answer)) throw new Error(showAnswer(answer))
    }
  }
  const queueOf = async (emsp: Emsp) =>
    (await admin.listQueues()).find((queue) => queue.platform_id === idOf(emsp.platform))
  const queueWith = (emsp: Emsp, what: string, isSo: (queue: QueueView) => boolean) =>
    poll(`A queue of ${emsp.platform.label} with ${what}`, async () => {
      const queue = await queueOf(emsp)
      return queue && isSo(queue) ? queue : undefined
    })
  const drained = (emsp: Emsp) =>
    queueWith(emsp, 'nothing in it', ({ waiting, in_flight }) => waiting === 0 && in_flight === 0)
  const arrived = (emsp: Emsp) =>
    emsp.platform.inbox.until(`All that ${operator.label} pushed`, () => (holds(emsp, cpo, sites) ? true : undefined))
  const told = (status: string) =>
    operator.inbox.until(`News that ${leaver.label} is ${status}`, () =>
      operator.clientInfo.get(leaver.label)?.status === status ? status : undefined,
    )

  return [
    step(pushing, `${operator.label} pushes ${SITES} locations`, namesOf(emsps), async () => {
      for (const location of sites) {
        const answer = await cpo.announce(operator.hub(), { location })
        if (!isSuccess(answer)) throw new Error(showAnswer(answer))
      }
      return namesOf(await Promise.all(emsps.map(async (emsp) => (await arrived(emsp), emsp))))
    }),
    step(
      pushing,
      `${operator.label} pushes ${everyEvse.length} EVSE statuses`,
      `at ${away.platform.label} while some wait for ${slow.platform.label}, then at both`,
      async () => {
        slow.slowDown(SLOW_MS)
        await admin.changeDelivery(idOf(slow.platform), { concurrency: 1 })
        await pushStatus(everyEvse, 'CHARGING')
        await arrived(away)
        await queueWith(slow, 'something in it', ({ waiting }) => waiting > 0)
        await showQueues()
        slow.slowDown(LESS_SLOW_MS)
        await arrived(slow)
        slow.slowDown(0)
        await drained(slow)
        await showQueues()
        return `at ${away.platform.label} while some wait for ${slow.platform.label}, then at both`
      },
    ),
    step(leaving, `${leaver.label} goes away`, `OFFLINE at ${operator.label}`, async () => {
      await admin.changeDelivery(idOf(leaver), { after_offline: 'resync' })
      await leaver.goAway()
      await pushStatus(everyEvse.slice(0, 1), 'AVAILABLE')
      return `${await told('OFFLINE')} at ${operator.label}`
    }),
    step(
      leaving,
      `${operator.label} goes on pushing`,
      `at ${slow.platform.label}; all ${everyEvse.length} wait for ${leaver.label}`,
      async () => {
        await pushStatus(everyEvse.slice(1), 'AVAILABLE')
        await arrived(slow)
        const { waiting } = await queueWith(away, 'all of it', (queue) => queue.waiting >= everyEvse.length)
        await showQueues()
        return `at ${slow.platform.label}; all ${waiting} wait for ${leaver.label}`
      },
    ),
    step(
      leaving,
      `${leaver.label} comes back`,
      `alive, CONNECTED at ${operator.label}, everything at ${leaver.label}`,
      async () => {
        await leaver.comeBack()
        const isAlive = await admin.checkPlatform(idOf(leaver))
        const status = await told('CONNECTED')
        await arrived(away)
        await drained(away)
        await showQueues()
        return `${isAlive ? 'alive' : 'silent'}, ${status} at ${operator.label}, everything at ${leaver.label}`
      },
    ),
  ]
}

function namesOf(emsps: readonly Emsp[]): string {
  return `at ${emsps.map(({ platform }) => platform.label).join(' and ')}`
}

/** Whether an eMSP holds these sites with each EVSE's status as the CPO does. */
function holds(emsp: Emsp, cpo: Cpo, sites: readonly Location[]): boolean {
  const { country_code, party_id } = cpo.platform.party
  return sites.every((site) => {
    const held = emsp.locations.get(`${country_code}/${party_id}/${site.id}`)
    return held !== undefined && site.evses.every(({ status }, index) => held.evses[index]?.status === status)
  })
}
