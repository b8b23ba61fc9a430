import postgres from 'postgres'
import type { TestHub } from '../support/hub.ts'

/** Does something in the hub's database that a test cannot wait for. */
export async function runSql({ databaseUrl }: TestHub, text: string): Promise<readonly object[]> {
  const sql = postgres(databaseUrl, { max: 1 })
  try {
    return await sql.unsafe(text)
  } finally {
    await sql.end()
  }
}
