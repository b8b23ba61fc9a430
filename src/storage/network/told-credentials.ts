import { eq, inArray, sql } from 'drizzle-orm'
import { reachableKey } from '../../hub/network/reachable.ts'
import type { ToldCredentials } from '../../hub/registration/told-credentials.ts'
import type { PartyKey, Role } from '../../ocpi/party.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { credentialsTold, partyRoles, platforms } from './schema.ts'

const DEADLINE_MS = 8_000

export function createToldCredentials(orm: Orm): ToldCredentials {
  const told: ToldCredentials = {
    async businessOf(roles) {
      const asked = roles.map(({ key, role }) => ({ key, role }))
      const rows = await orm.execute<{ key: PartyKey; role: Role; details: unknown }>(sql`
        select held.party_key as key, held.role, held.business_details as details
        from json_to_recordset(${JSON.stringify(asked)}::json) as asked(key text, role text)
          join ${partyRoles} as held on held.party_key = asked.key and held.role = asked.role
        where held.business_details is not null`)
      return new Map(rows.map(({ details, ...role }) => [reachableKey(role), details]))
    },
    async note(platformId, { digest, at }) {
      // A platform that is gone meanwhile is told nothing any more.
      await orm.execute(sql`
        insert into ${credentialsTold} (platform_id, digest, at)
        select id, ${digest}, ${at}::bigint from ${platforms} where id = ${platformId} for key share
        on conflict (platform_id) do update set digest = excluded.digest, at = excluded.at`)
    },
    async begin(platformId, at) {
      await orm.update(credentialsTold).set({ at }).where(eq(credentialsTold.platformId, platformId))
    },
    async find(platformIds) {
      if (platformIds.length === 0) return new Map()
      const rows = await orm
        .select()
        .from(credentialsTold)
        .where(inArray(credentialsTold.platformId, [...platformIds]))
      return new Map(rows.map(({ platformId, digest, at }) => [platformId, { digest, at }]))
    },
    async claim(platformId, from, to) {
      const rows =
        from === null
          ? await orm.execute(sql`
              insert into ${credentialsTold} (platform_id, digest, at)
              select id, '', ${to}::bigint from ${platforms} where id = ${platformId} for key share
              on conflict (platform_id) do nothing returning platform_id`)
          : await orm.execute(sql`
              update ${credentialsTold} set at = ${to} where platform_id = ${platformId} and at = ${from}
              returning platform_id`)
      return rows.length > 0
    },
  }
  return withDeadline(told, DEADLINE_MS)
}
