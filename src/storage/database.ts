import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { drizzle } from 'drizzle-orm/postgres-js'
import { type ConnectionOptions, type Connections, openConnections } from './connections.ts'

export type Orm = PostgresJsDatabase
export type Transaction = Parameters<Parameters<Orm['transaction']>[0]>[0]
/** Whatever runs work as one transaction. */
export type Transacts = { readonly transaction: <R>(work: (tx: Transaction) => Promise<R>) => Promise<R> }

/** A pool of connections, for queries in SQL and through Drizzle. */
export type Database = Connections & { readonly orm: Orm }

/** Opens nothing yet, see `openConnections`. */
export function openDatabase(options: ConnectionOptions): Database {
  const connections = openConnections(options)
  return { ...connections, orm: withSafeTransactions(drizzle(connections.sql)) }
}

/**
 * When the server ends a connection within a transaction the driver (3.4.9) still writes `rollback` to it, where no caller can
 * catch what that throws. So the transaction's work never settles then; the driver rejects the transaction by itself.
 */
function withSafeTransactions(orm: Orm): Orm {
  const begin = orm.transaction.bind(orm)
  orm.transaction = (work, config) =>
    begin(async (tx) => {
      try {
        return await work(tx)
      } catch (error) {
        const { cause = error } = error as Error
        if ((cause as { code?: unknown }).code === 'CONNECTION_CLOSED') await new Promise(() => {})
        throw error
      }
    }, config)
  return orm
}
