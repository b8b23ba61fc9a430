import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'
import { PUSH_BYTES, startCast } from '../broadcast.ts'
import { partyNumber, platformId } from '../party-number.ts'
import { createPushObjects } from '../push-objects.ts'
import type { Stage } from '../stage.ts'
import { below, median, type Row, spread } from '../table.ts'
import { residentMb, startHub } from '../targets.ts'

/** Memory of a process differs from start to start. */
const STARTS = 3
/** After which a process has what it needs and has collected most of what it does not. */
const SETTLED_MS = 3_000
const FEW_BEHIND = 1_000
const MANY_BEHIND = 100_000
const PER_SECOND = 100

/** What partners cost in memory that have nothing to get, and one that has very much. */
export async function benchBacklog(stage: Stage): Promise<Row[]> {
  return [...(await idleQueues(stage)), ...(await behind(stage))]
}

async function idleQueues({ network }: Stage): Promise<Row[]> {
  const memory = { few: [] as number[], many: [] as number[] }
  for (let run = 0; run < STARTS; run++) {
    memory.few.push(await settledMemory((await network(10)).url))
    memory.many.push(await settledMemory((await network(1_000)).url))
  }
  const cost = median(memory.many) - median(memory.few)
  const measure = 'Memory of idle partner queues, routing table included'
  return [
    { measure, what: 'hub, 10 partners', figures: { 'memory MB': spread(memory.few, 0) } },
    {
      measure,
      what: 'hub, 1,000 partners',
      figures: { 'memory MB': spread(memory.many, 0), 'more MB': cost.toFixed(0) },
      goal: below(cost, 50, 'more '),
    },
  ]
}

async function settledMemory(databaseUrl: string): Promise<number> {
  const hub = await startHub(databaseUrl)
  await sleep(SETTLED_MS)
  const memory = residentMb(hub.process.pid)
  await hub.process.stop()
  return memory
}

async function behind({ createDatabase }: Stage): Promise<Row[]> {
  const memory = { few: [] as number[], many: [] as number[] }
  for (let run = 0; run < STARTS; run++) {
    memory.few.push(await memoryBehind(await createDatabase(`behind_few_${run}`), FEW_BEHIND))
    memory.many.push(await memoryBehind(await createDatabase(`behind_many_${run}`), MANY_BEHIND))
  }
  const cost = median(memory.many) - median(memory.few)
  const measure = `Memory while a partner is behind, at ${PER_SECOND} deliveries/s`
  return [
    { measure, what: 'hub, 1,000 pushes behind', figures: { 'memory MB': spread(memory.few, 0) } },
    {
      measure,
      what: 'hub, 100,000 pushes behind',
      figures: {
        'memory MB': spread(memory.many, 0),
        'more MB': cost.toFixed(0),
        'bodies MB': ((MANY_BEHIND * PUSH_BYTES) / 1e6).toFixed(0),
      },
      goal: below(cost, 10, 'more '),
    },
  ]
}

async function memoryBehind(databaseUrl: string, pushes: number): Promise<number> {
  const cast = await startCast(databaseUrl, {
    senders: 1,
    partners: 1,
    delivery: { requestsPerSecond: PER_SECOND },
    beforeStart: (sql, partner) => fallBehind(sql, partner, pushes),
  })
  await cast.expect({ from: 0, count: pushes })
  await sleep(SETTLED_MS)
  const memory = residentMb(cast.hub.process.pid)
  const { received } = await cast.receivedSoFar()
  if (received < (PER_SECOND * SETTLED_MS) / 2000) throw new Error(`Only ${received} pushes came`)
  await cast.stop()
  return memory
}

/** Fills the push log with the pushes of platform 0, of which the partner has got none. */
async function fallBehind(sql: postgres.Sql, partner: number, pushes: number): Promise<void> {
  const { countryCode, partyId } = partyNumber(0)
  const objects = createPushObjects({ countryCode, partyId }, PUSH_BYTES)
  const [path, template] = [objects.path(0), objects.body(0).toString()]
  const digitsAt = [path.indexOf('L0') + 2, template.indexOf('L0') + 2]
  await sql`
    insert into push_cursor (platform_id, position, lanes, needed, saved_at) values (${platformId(partner)}, 0, '[]', 1, 0)
    on conflict (platform_id) do update set position = 0, lanes = '[]', needed = 1`
  await sql`
    insert into push_log (number, at, from_platform_id, from_country_code, from_party_id, owner_country_code,
      owner_party_id, sender_class, module, method, path, query, body, content_type, chain_key, path_key,
      correlation_id, request_id, bytes, bytes_end)
    select n, extract(epoch from now()) * 1000, ${platformId(0)}, ${countryCode}, ${partyId}, ${countryCode}, ${partyId},
      'CPO', 'locations', 'PUT', overlay(${path}::text placing digits from ${digitsAt[0] as number}::int), '',
      convert_to(overlay(${template}::text placing digits from ${digitsAt[1] as number}::int), 'UTF8'), 'application/json',
      'locations ' || digits, digits, 'bench-push-' || n, 'bench-request-' || n, 1500, n * 1500
    from generate_series(1, ${pushes}::int) n, lateral (select lpad((n - 1)::text, 7, '0') as digits) made`
  await sql`update push_counter set last = ${pushes}, bytes = ${pushes}::bigint * 1500`
}
