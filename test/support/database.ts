import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { inject } from 'vitest'

export type TestDatabase = {
  readonly url: string
  /** Ends every connection to it and deletes it. */
  readonly drop: () => Promise<void>
}

/** A database of its own, with the hub's schema; `isEmpty` leaves that out. Call `drop` after the tests. */
export async function createTestDatabase({ isEmpty = false } = {}): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const server = inject('databaseServer')
  await run(server, `create database ${name} template ${isEmpty ? 'template1' : 'hub_template'}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(server, `drop database if exists ${name} with (force)`) }
}

async function run(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end({ timeout: 2 })
  }
}
