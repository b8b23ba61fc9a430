import type { RouteConfig, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Caller } from '../../hub/administration/author.ts'
import type { ProblemSchema } from '../problem.ts'
import { environmentFor } from '../sign-in/inside.ts'

export type Problem = z.infer<typeof ProblemSchema>

/** Answers a request inside of this process: the administrators' API. */
export type AskInside = (request: Request, environment: object) => Response | Promise<Response>

type JsonOf<T> = T extends { content: { 'application/json': { schema: infer S extends z.ZodType } } } ? S : never
type AnswersOf<R extends RouteConfig> = R['responses'][keyof R['responses'] & (200 | 201 | 202)]

/** What a route answers when all is well. */
export type AnswerOf<R extends RouteConfig> = z.output<JsonOf<AnswersOf<R>>>
type QueryOf<R> = R extends { request: { query: infer S extends z.ZodType } } ? z.input<S> : Record<string, never>
type BodyOf<R> = R extends { request: { body: infer B } } ? z.input<JsonOf<B>> : undefined

/** What a route is asked with; `params` fill the names in braces of its path. */
export type InputOf<R extends RouteConfig> = {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: QueryOf<R>
  readonly body?: BodyOf<R>
  /** A token or key, instead of whoever is signed in: only to sign in with. */
  readonly bearer?: string
}

/** What came of a call: what the route answers, or why not. */
export type Sent<R extends RouteConfig> =
  | { readonly kind: 'done'; readonly body: AnswerOf<R>; readonly headers: Headers }
  | { readonly kind: 'problem'; readonly problem: Problem }

export type Rows<R extends RouteConfig> = {
  readonly rows: AnswerOf<R>
  /** Where the next page begins; null at the end. */
  readonly next: string | null
  readonly headers: Headers
}

/**
 * The administrators' API as pages ask it: by the types of its routes, which they import as types only.
 *
 * @example api.get<typeof getPlatform>('/platforms/{id}', { params: { id } })
 */
export type Api = {
  /** Reads. A problem is thrown as an `ApiProblem`, and becomes a page that says so. */
  readonly get: <R extends RouteConfig>(path: R['path'], input?: InputOf<R>) => Promise<AnswerOf<R>>
  /** Reads a page of a list; throws as `get` does. */
  readonly list: <R extends RouteConfig>(path: R['path'], input?: InputOf<R>) => Promise<Rows<R>>
  /** Reads or changes; a problem is a value, to be shown where it belongs. */
  readonly send: <R extends RouteConfig>(method: R['method'], path: R['path'], input?: InputOf<R>) => Promise<Sent<R>>
  /** The answer as it is: for streams and files, which may be sent as well. */
  readonly ask: (method: string, path: string, headers?: Record<string, string>, body?: string) => Promise<Response>
}

/** The API would not, or could not. */
export class ApiProblem extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** Of the browser's headers what the API looks at: who it is, where it calls from, and what it has seen of a stream. */
const PASSED_ON = ['Cookie', 'X-Forwarded-For', 'CF-Connecting-IP', 'Last-Event-ID']

/** The API for one request of the console. A null caller is somebody who is about to sign in. */
export function createApi(askInside: AskInside, c: Context, caller: Caller | null): Api {
  const environment = caller === null ? (c.env as object) : environmentFor(caller, c.env as object)

  async function ask(
    method: string,
    path: string,
    own: Record<string, string> = {},
    body: string | null = null,
  ): Promise<Response> {
    const headers = new Headers(own)
    for (const name of PASSED_ON) {
      const value = c.req.header(name)
      if (value !== undefined) headers.set(name, value)
    }
    const url = new URL(`/admin/api${path}`, c.req.url)
    const answer = await askInside(new Request(url, { method: method.toUpperCase(), headers, body }), environment)
    const wait = answer.headers.get('Retry-After')
    // A page that says so asks for the same patience. One that is live is under way already, and just ends.
    if (wait !== null && !c.finalized) c.header('Retry-After', wait)
    return answer
  }

  async function send<R extends RouteConfig>(
    method: R['method'],
    path: R['path'],
    { params = {}, query, body, bearer }: InputOf<R> = {},
  ): Promise<Sent<R>> {
    const own = {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
    }
    const text = body === undefined ? null : JSON.stringify(body)
    const answer = await ask(method, filled(path, params) + queryOf(query), own, text)
    if (!answer.ok) return { kind: 'problem', problem: (await answer.json()) as Problem }
    // The API holds its answers against these types in its own tests.
    const found = answer.status === 204 ? undefined : await answer.json()
    return { kind: 'done', body: found as AnswerOf<R>, headers: answer.headers }
  }

  async function list<R extends RouteConfig>(path: R['path'], input?: InputOf<R>): Promise<Rows<R>> {
    const sent = await send<R>('get' as R['method'], path, input)
    if (sent.kind === 'problem') throw new ApiProblem(sent.problem)
    return { rows: sent.body, next: nextOf(sent.headers), headers: sent.headers }
  }

  return { get: async (path, input) => (await list(path, input)).rows, list, send, ask }
}

/** `/platforms/{id}` with an id is `/platforms/0b0c6a5e`. */
function filled(path: string, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}

/** What is undefined or empty is not asked for. */
function queryOf(query: object | undefined): string {
  const entries = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(entries.map(([name, value]): [string, string] => [name, String(value)]))
  return entries.length === 0 ? '' : `?${search}`
}

/** The cursor in a `Link` to the next page; null at the end. */
export function nextOf(headers: Headers): string | null {
  const [, address] = /^<([^>]+)>; rel="next"$/.exec(headers.get('Link') ?? '') ?? []
  return address === undefined ? null : new URL(address, 'http://hub').searchParams.get('cursor')
}
