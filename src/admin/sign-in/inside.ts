import type { Context } from 'hono'
import type { Caller } from '../../hub/administration/author.ts'

/** Where the environment of a call that is made inside of the hub holds for whom it is made. No client can send a symbol. */
const CALLER = Symbol('caller')

/** The environment of a call that the console makes of the API for somebody whom it let in. */
export function environmentFor(caller: Caller, environment: object): object {
  return { ...environment, [CALLER]: caller }
}

/** For whom the console makes this call; undefined when it comes from outside. */
export function callerInside(c: Context): Caller | undefined {
  return (c.env as { readonly [CALLER]?: Caller } | undefined)?.[CALLER]
}
