import { AsyncLocalStorage } from 'node:async_hooks'
import type { After } from '../../hub/ports.ts'
import { type Database, type Orm, openDatabase } from '../../storage/database.ts'
import { after } from '../shared/after.ts'
import { WaitingPlaces } from './waiting-places.ts'

/** The sixth of the connections that one request may have waiting: the others are `WAITING_MOST`, for partners. */
const MAX_CONNECTIONS = 1

/** What belongs to one request: sockets and timers of another cannot be used, and end with it. */
export type RequestScope = {
  readonly database: () => Database
  /** For the requests to partners that it brings about. */
  readonly places: WaitingPlaces
  /** The scope lasts until this has settled. Returns it. */
  readonly keep: <T>(work: Promise<T>) => Promise<T>
  /** Waits for all that was begun and ends the database's connections. Never rejects. */
  readonly finish: () => Promise<void>
  /** Whether `finish` has come to its end. */
  readonly isFinished: () => boolean
  /** Whether it has written fewer data points than `most`: then one more is written now. */
  readonly mayWritePoint: (most: number) => boolean
}

/** Opens nothing before it is needed: a request that only routes needs no connection. */
export function createRequestScope(databaseUrl: string): RequestScope {
  const running = new Set<Promise<unknown>>()
  let opened: Database | null = null
  let isFinished = false
  let points = 0

  function database(): Database {
    opened ??= openDatabase({
      url: databaseUrl,
      maxConnections: MAX_CONNECTIONS,
      // Hyperdrive hands sessions from one to the next, so they are left as they are.
      statementTimeoutMs: null,
      prepare: false,
    })
    return opened
  }

  function keep<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => undefined).finally(() => running.delete(settled))
    running.add(settled)
    return work
  }

  async function finish(): Promise<void> {
    while (running.size > 0) {
      await Promise.all(running)
      // What waited for these may go on to begin more.
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    await opened?.close().catch(() => undefined)
    isFinished = true
  }

  return {
    database,
    places: new WaitingPlaces(),
    keep,
    finish,
    isFinished: () => isFinished,
    mayWritePoint(most) {
      if (points >= most) return false
      points++
      return true
    },
  }
}

/** Ports that belong to no request and yet use the one being served. */
export type CurrentScope = {
  readonly run: <T>(scope: RequestScope, work: () => T) => T
  readonly orm: Orm
  readonly sql: Sql
  readonly isFinished: RequestScope['isFinished']
  readonly mayWritePoint: RequestScope['mayWritePoint']
  readonly places: () => WaitingPlaces
  readonly keep: RequestScope['keep']
  readonly after: After
  /** The same functions; the request lasts until what they were asked has settled. */
  readonly kept: <P extends Functions>(port: P) => P
}

type Sql = Database['sql']

type Functions = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>

/**
 * Lets the hub be wired once per isolate, with limits and caches that outlive a request, while each request's work goes
 * through its own connections. Nobody may use these ports outside of `run`.
 */
export function createCurrentScope(): CurrentScope {
  const scopes = new AsyncLocalStorage<RequestScope>()

  function current(): RequestScope {
    const scope = scopes.getStore()
    if (!scope) throw new Error('Expected to be within a request')
    return scope
  }
  const keep: RequestScope['keep'] = (work) => current().keep(work)

  return {
    run: (scope, work) => scopes.run(scope, work),
    // Drizzle finds its session through `this`, so that each use is one of the current request's database.
    orm: new Proxy({} as Orm, { get: (_, name) => Reflect.get(current().database().orm, name) as unknown }),
    sql: new Proxy((() => undefined) as unknown as Sql, {
      apply: (_, __, query) => Reflect.apply(current().database().sql, undefined, query) as unknown,
      get: (_, name) => Reflect.get(current().database().sql, name) as unknown,
    }),
    isFinished: () => current().isFinished(),
    mayWritePoint: (most) => current().mayWritePoint(most),
    places: () => current().places,
    keep,
    after(delayMs, callback) {
      const fired = Promise.withResolvers<void>()
      void keep(fired.promise)
      const cancel = after(delayMs, () => {
        callback()
        fired.resolve()
      })
      return () => {
        cancel()
        fired.resolve()
      }
    },
    kept: (port) =>
      Object.fromEntries(
        Object.entries(port).map(([name, run]) => [name, (...args: never[]) => keep(run(...args))]),
      ) as typeof port,
  }
}
