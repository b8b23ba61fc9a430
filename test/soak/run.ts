import { setTimeout as pause } from 'node:timers/promises'
import { readOptions, refuse } from '../../src/command/read-options.ts'
import { createAttacks } from './attacks.ts'
import { startHonest } from './honest.ts'
import { startHubs } from './hubs.ts'
import { lostPushes, reportOn, whatIsLost } from './report.ts'

const USAGE = `npm run soak [-- [--minutes 30] [--kills off]]

Lets two honest CPOs and eMSPs work at two hub processes on one database while hostile partners attack it and the processes are
killed, and prints what was lost, delayed, repeated and grown, attacked beside quiet. Ends with 1 where anything was lost.

  --minutes  how long, 30 when absent; the first tenth is quiet
  --kills    off leaves the processes alive: then their memory says whether they grow`

/** Attacks at the same time. */
const AT_ONCE = 2
/** Between two kills. One of the processes lives three times as long, so that it is seen whether memory grows. */
const KILL_EVERY_MS = 20_000
const LONGER_LIVED = 0
/** From when a process is there again until nothing of its end is felt any more. */
const TAKEN_OVER_MS = 5_000
/** For what was acknowledged to arrive, once attacks and kills are over. */
const CATCH_UP_MS = 120_000

const options = readOptions(USAGE, {
  minutes: { type: 'string', default: '30' },
  kills: { type: 'string', default: 'on' },
})
const minutes = Number(options.minutes)
if (!(minutes > 0 && minutes <= 10_000)) refuse(`--minutes ${options.minutes}: expected a number of minutes above 0`)
if (options.kills !== 'on' && options.kills !== 'off') refuse(`--kills ${options.kills}: expected on or off`)
const say = (line: string) => process.stdout.write(`${line}\n`)

const endsAt = performance.now() + minutes * 60_000
const attacked = new AbortController()
const counts = new Map<string, number>()

const hubs = await startHubs({
  DELIVERY_AFTER_OFFLINE: 'resync',
  PUSH_LOG_BYTES: String(256 * 1024 * 1024),
  KEEPALIVE_AFTER_S: '30',
})
try {
  const honest = await startHonest(hubs.client)
  const attacks = await createAttacks(hubs.client)
  const sampling = setInterval(() => void hubs.sampleMemory(), 2_000)
  say(`quiet for ${(minutes / 10).toFixed(1)} minutes`)
  await pause(minutes * 6_000)

  honest.enter('attacked')
  say(`under attack for ${(minutes * 0.9).toFixed(1)} minutes`)
  setTimeout(() => attacked.abort(), endsAt - performance.now())
  await Promise.all([...Array.from({ length: AT_ONCE }, attackOn), ...(options.kills === 'on' ? [killOn()] : [])])

  say('attacks and kills are over')
  await honest.stop()
  const until = performance.now() + CATCH_UP_MS
  while (lostPushes(honest) > 0 && performance.now() < until) await pause(500)
  clearInterval(sampling)

  const { lines, problems } = reportOn(honest, hubs, counts)
  say(`\n${lines.join('\n')}`)
  for (const line of await whatIsLost(honest, hubs)) say(line)
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  process.exitCode = problems.length > 0 ? 1 : 0

  async function attackOn(): Promise<void> {
    while (!attacked.signal.aborted) {
      const attack = attacks[Math.floor(Math.random() * attacks.length)]
      if (!attack) return
      counts.set(attack.name, (counts.get(attack.name) ?? 0) + 1)
      await attack.run()
    }
  }

  async function killOn(): Promise<void> {
    for (let kill = 1; ; kill++) {
      const wait = KILL_EVERY_MS * (0.5 + Math.random())
      if (!(await pause(wait, true, { signal: attacked.signal }).catch(() => false))) return
      honest.nextObjects()
      honest.enter('killed')
      await hubs.kill(kill % 4 === 0 ? LONGER_LIVED : 1 - LONGER_LIVED)
      await pause(TAKEN_OVER_MS)
      honest.enter('attacked')
    }
  }
} finally {
  await hubs.client.closePartners()
  await hubs.close()
}
process.exit()
