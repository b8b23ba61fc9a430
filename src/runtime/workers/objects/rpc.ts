import { StoreUnavailable } from '../../../hub/store-unavailable.ts'

/*
 * Calls between a Worker and its objects, and between objects. An error that crosses such a call loses its class, and a call
 * fails too when the object is reset, moved or overloaded. So what the callee has to say of failures it says by value, and
 * whatever the call itself throws means that the store is away: whoever asked goes on as with a database that is away.
 */

/** Objects of one class, each by its name. A stub stays broken once its object was reset: one is made for each call. */
export type ObjectNamespace<T> = { readonly getByName: (name: string) => T }

/** What a call came to. `away`: what it needs cannot be asked now. `refused`: it can be asked, and refuses. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'away'; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string }

/** The callee's side. Never rejects. */
export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'done', value: await work() }
  } catch (error) {
    return failureOf(error)
  }
}

/** What a failure is told as. */
export function failureOf(error: unknown): Exclude<Outcome<never>, { kind: 'done' }> {
  const detail = error instanceof Error ? error.message : String(error)
  return { kind: error instanceof StoreUnavailable ? 'away' : 'refused', detail }
}

/** The caller's side. Rejects with StoreUnavailable when the call failed, and with a plain error when it was refused. */
export async function valueOf<T>(call: () => Promise<Outcome<T>>): Promise<T> {
  const outcome = await call().catch((error: unknown) => {
    throw new StoreUnavailable(`The object cannot be asked: ${String(error)}`, { cause: error })
  })
  if (outcome.kind === 'done') return outcome.value
  throw outcome.kind === 'away' ? new StoreUnavailable(outcome.detail) : new Error(outcome.detail)
}
