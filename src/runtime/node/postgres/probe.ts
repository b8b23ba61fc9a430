import postgres from 'postgres'
import { codeOf, describeError } from '../../shared/cannot-start.ts'

/** The oldest server the hub's SQL is written for. */
const OLDEST_VERSION = 14

/** Asks a database whether it answers within `timeoutS`. Null when all is well, else what is wrong, without its password. */
export async function probeDatabase(url: string, timeoutS: number): Promise<string | null> {
  const sql = postgres(url, { max: 1, connect_timeout: timeoutS, idle_timeout: 1, onnotice: () => {} })
  try {
    const [row] = await sql<{ version: string }[]>`select current_setting('server_version_num') as version`
    const version = Math.floor(Number(row?.version) / 10_000)
    return version >= OLDEST_VERSION ? null : `it is Postgres ${version}, expected ${OLDEST_VERSION} or newer`
  } catch (error) {
    return codeOf(error) === 'CONNECT_TIMEOUT' ? `no answer within ${timeoutS} s` : describeError(error)
  } finally {
    await sql.end({ timeout: 1 })
  }
}
