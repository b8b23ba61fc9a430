import { and, desc, eq, sql } from 'drizzle-orm'
import { MOST_REMEMBERED, type SandboxMemory } from '../../hub/network/sandbox.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { platforms, sandboxObjects } from './schema.ts'

const DEADLINE_MS = 8_000

/** What sandbox partners remember, in the database: so every process is the same partner. */
export function createSandboxMemory(orm: Orm): SandboxMemory {
  const memory: SandboxMemory = {
    get: (partnerId, module, key) => get(orm, partnerId, module, key),
    list: (partnerId, module) => list(orm, partnerId, module),
    put: (partnerId, module, key, object) => put(orm, partnerId, module, key, object),
    drop: (partnerId, module, key) => drop(orm, partnerId, module, key),
  }
  return withDeadline(memory, DEADLINE_MS)
}

async function get(orm: Orm, partnerId: string, module: string, key: string): Promise<unknown> {
  const [row] = await orm
    .select({ object: sandboxObjects.object })
    .from(sandboxObjects)
    .where(isIt(partnerId, module, key))
  return row?.object
}

async function list(orm: Orm, partnerId: string, module: string): ReturnType<SandboxMemory['list']> {
  const rows = await orm
    .select({ key: sandboxObjects.key, object: sandboxObjects.object })
    .from(sandboxObjects)
    .where(and(eq(sandboxObjects.platformId, partnerId), eq(sandboxObjects.module, module)))
    .orderBy(desc(sandboxObjects.number))
    .limit(MOST_REMEMBERED)
  return rows.reverse()
}

/** A partner that was removed meanwhile remembers nothing. What is beyond the newest goes at once. */
async function put(orm: Orm, partnerId: string, module: string, key: string, object: unknown): Promise<void> {
  await orm.execute(sql`
    insert into ${sandboxObjects} (platform_id, module, key, object)
    select id, ${module}, ${key}, ${JSON.stringify(object)}::text::json from ${platforms} where id = ${partnerId}
    on conflict (platform_id, module, key) do update set object = excluded.object, number = excluded.number`)
  await orm.execute(sql`
    delete from ${sandboxObjects} where platform_id = ${partnerId} and module = ${module} and number <= (
      select number from ${sandboxObjects} where platform_id = ${partnerId} and module = ${module}
      order by number desc offset ${MOST_REMEMBERED} limit 1)`)
}

async function drop(orm: Orm, partnerId: string, module: string, key: string): Promise<boolean> {
  const gone = await orm
    .delete(sandboxObjects)
    .where(isIt(partnerId, module, key))
    .returning({ key: sandboxObjects.key })
  return gone.length > 0
}

function isIt(partnerId: string, module: string, key: string) {
  return and(eq(sandboxObjects.platformId, partnerId), eq(sandboxObjects.module, module), eq(sandboxObjects.key, key))
}
