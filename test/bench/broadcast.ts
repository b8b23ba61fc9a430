import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { request } from 'undici'
import type { DeliverySettings } from '../../src/hub/network/routing-table.ts'
import type { InterfaceRole } from '../../src/ocpi/modules.ts'
import type { Expectation, PartnersQuestion, PartnersReport } from './partners.ts'
import { platformId } from './party-number.ts'
import { startAsked } from './processes.ts'
import type { PushJob, PushResult, Sender } from './push-senders.ts'
import { seedCopies, seedEach } from './seed.ts'
import { metric, startHub, type Target } from './targets.ts'

/** What every part about broadcasts stands on: CPOs that push, a hub, and eMSPs that receive. */
export type Cast = {
  readonly hub: Target
  readonly senders: readonly Sender[]
  /** The platform number of the first partner; the others follow. */
  readonly firstPartner: number
  readonly ports: readonly number[]
  readonly push: (job: Omit<PushJob, 'port' | 'bytes'>) => Promise<PushResult>
  readonly expect: (expectation: Omit<Expectation, 'bytes' | 'owner' | 'firstPartner'> | null) => Promise<void>
  /** What came; throws when it is not exactly what was expected. */
  readonly received: (withinMs: number) => Promise<PartnersReport>
  /** What came so far; throws when anything was not what it must be. */
  readonly receivedSoFar: () => Promise<PartnersReport>
  readonly setPaused: (isPaused: boolean) => Promise<void>
  /** Settles once the hub has written its message log and has nothing left to do. */
  readonly rest: () => Promise<void>
  readonly stop: () => Promise<void>
}

export type CastSettings = {
  readonly senders: number
  readonly partners: number
  /** Of each partner. */
  readonly delivery: Partial<DeliverySettings>
  /** Settings of the hub besides. */
  readonly environment?: Record<string, string>
  /** Changes the database before the hub sees it. */
  readonly beforeStart?: (sql: postgres.Sql, firstPartner: number) => Promise<void>
}

/** Size of a pushed location. */
export const PUSH_BYTES = 1024

const ADMIN_TOKEN = 'bench-administrator'
const SENDER_SIDE: readonly (readonly [string, InterfaceRole])[] = [['locations', 'SENDER']]
const RECEIVER_SIDE: readonly (readonly [string, InterfaceRole])[] = [['locations', 'RECEIVER']]
/** More are copies in the database: registering takes its time. */
const REGISTERED_MOST = 20

export async function startCast(databaseUrl: string, settings: CastSettings): Promise<Cast> {
  const partners = await startAsked<PartnersQuestion, PartnersReport>('partners.ts', [String(settings.partners)])
  const pushers = await startAsked<PushJob, PushResult>('push-senders.ts', [])
  const { ports } = await partners.ask({ kind: 'ports' })
  const senders = await seedCast(databaseUrl, settings, ports)
  const firstPartner = settings.senders
  const sql = postgres(databaseUrl, { max: 1 })
  await settings.beforeStart?.(sql, firstPartner)
  const hub = await startHub(databaseUrl, { ADMIN_TOKEN, ...settings.environment })

  return {
    ...{ hub, senders, firstPartner, ports },
    async push(job) {
      const result = await pushers.ask({ ...job, port: hub.port, bytes: PUSH_BYTES })
      if (result.wrong > 0) throw new Error(`${result.wrong} of ${result.sent} pushes were not answered with 1000`)
      return result
    },
    async expect(expectation) {
      const owner = senders[0]?.n ?? 0
      await partners.ask({
        kind: 'expect',
        expectation: expectation && { ...expectation, bytes: PUSH_BYTES, owner, firstPartner },
      })
    },
    async received(withinMs) {
      const report = rightOnly(await partners.ask({ kind: 'report', withinMs }))
      if (report.received < report.expected) throw new Error(`${report.received} of ${report.expected} pushes came`)
      return report
    },
    receivedSoFar: async () => rightOnly(await partners.ask({ kind: 'report', withinMs: 0 })),
    async setPaused(isPaused) {
      // Written for all at once; the hub reads them all when it is told of one.
      await sql`update push_cursor set is_paused = ${isPaused}`
      await admin(hub, 'POST', `/queues/${platformId(firstPartner)}/${isPaused ? 'pause' : 'resume'}`)
    },
    async rest() {
      while ((await metric(hub, 'ocpi_hub_message_log_waiting')) > 0) await sleep(50)
      await sleep(300)
    },
    async stop() {
      await hub.process.stop()
      await sql.end()
      await pushers.stop()
      await partners.stop()
    },
  }
}

function rightOnly(report: PartnersReport): PartnersReport {
  const { wrong, repeated } = report
  if (wrong + repeated > 0) throw new Error(`${wrong} pushes came that were wrong, and ${repeated} twice`)
  return report
}

async function seedCast(
  databaseUrl: string,
  { senders: senderCount, partners, delivery }: CastSettings,
  ports: readonly number[],
): Promise<Sender[]> {
  const originOf = (n: number) => `http://127.0.0.1:${ports[n - senderCount]}`
  const firstCopy = senderCount + Math.min(partners, REGISTERED_MOST)
  const end = senderCount + partners
  const numbers = Array.from({ length: firstCopy }, (_, n) => n)
  const tokens = await seedEach(
    databaseUrl,
    numbers.map((n) =>
      n < senderCount
        ? { n, role: 'CPO', origin: originOf(senderCount), modules: SENDER_SIDE }
        : { n, role: 'EMSP', origin: originOf(n), modules: RECEIVER_SIDE, delivery },
    ),
  )
  const of = { n: senderCount, origin: originOf(senderCount), originOf }
  if (end > firstCopy) await seedCopies(databaseUrl, firstCopy, end, of)
  return tokens.slice(0, senderCount).map((token, n) => ({ n, token }))
}

async function admin(hub: Target, method: 'POST' | 'GET', path: string): Promise<void> {
  const answer = await request(`http://127.0.0.1:${hub.port}/admin/api${path}`, {
    method,
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
  })
  const text = await answer.body.text()
  if (answer.statusCode >= 300) throw new Error(`${method} ${path}: HTTP ${answer.statusCode} ${text}`)
}
