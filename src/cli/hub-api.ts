import { EXIT, type ExitCode, Failure } from './exit.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** An answer of the hub: as it came, and read. */
export type Reply<T> = { readonly text: string; readonly value: T; readonly headers: Headers }

export type CallOptions = {
  readonly query?: Query
  /** Goes out as JSON. */
  readonly body?: unknown
  /** Goes out as it is. */
  readonly csv?: string
  readonly accept?: string
  /** Where nobody asked for another. @default a minute */
  readonly timeoutMs?: number
}

/** The administrators' API of one hub, by paths below `/admin/api`. Whatever is no success rejects with a Failure. */
export type HubApi = {
  readonly url: string
  readonly call: <T>(method: Method, path: string, options?: CallOptions) => Promise<Reply<T>>
  /** What the hub says of itself at `/healthz` or `/readyz`, good or bad. */
  readonly probe: (path: string) => Promise<{ readonly isGood: boolean; readonly text: string }>
  /** A stream that goes on until either side ends it. */
  readonly follow: (path: string, query: Query, after: string | null, signal: AbortSignal) => Promise<Response>
}

export type Target = {
  readonly url: string
  /** Null: the hub is called as nobody. */
  readonly key: string | null
}

const TIMEOUT_MS = 60_000

/** For what the hub does with a partner: each of the five calls of a handshake may take half a minute. */
export const PARTNER_TIMEOUT_MS = 180_000

/** @param timeoutMs of every call; null: a minute, and longer where the hub calls partners */
export function createHubApi({ url, key }: Target, timeoutMs: number | null): HubApi {
  const send = async (path: string, query: Query, init: RequestInit): Promise<Response> => {
    const address = `${url}${path}${searchOf(query)}`
    try {
      // A redirect is told, not followed: the key is for this address only.
      return await fetch(address, { redirect: 'manual', ...init })
    } catch (error) {
      throw unreachable(url, error)
    }
  }
  const headersOf = (more: Record<string, string>) => ({
    Accept: 'application/json',
    ...(key !== null && { Authorization: `Bearer ${key}` }),
    ...more,
  })
  return {
    url,
    async call<T>(method: Method, path: string, options: CallOptions = {}) {
      const { query = {}, body, csv, accept } = options
      const patience = AbortSignal.timeout(timeoutMs ?? options.timeoutMs ?? TIMEOUT_MS)
      const headers = headersOf({
        ...(accept !== undefined && { Accept: accept }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(csv !== undefined && { 'Content-Type': 'text/csv' }),
      })
      const payload = body === undefined ? csv : JSON.stringify(body)
      const init = { method, headers, signal: patience, ...(payload !== undefined && { body: payload }) }
      const answer = await send(`/admin/api${path}`, query, init)
      const text = await answer.text().catch((error: unknown) => {
        throw unreachable(url, error)
      })
      if (!answer.ok) throw failureOf(url, answer, text)
      return { text, value: read<T>(url, answer, text), headers: answer.headers }
    },
    async probe(path) {
      const answer = await send(path, {}, { signal: AbortSignal.timeout(timeoutMs ?? TIMEOUT_MS) })
      return { isGood: answer.ok, text: (await answer.text()).trim() }
    },
    async follow(path, query, after, signal) {
      const headers = headersOf({ Accept: 'text/event-stream', ...(after !== null && { 'Last-Event-ID': after }) })
      const begin = new AbortController()
      const late = setTimeout(() => begin.abort(new DOMException('late', 'TimeoutError')), timeoutMs ?? TIMEOUT_MS)
      try {
        const answer = await send(`/admin/api${path}`, query, {
          headers,
          signal: AbortSignal.any([signal, begin.signal]),
        })
        if (!answer.ok) throw failureOf(url, answer, await answer.text())
        return answer
      } finally {
        clearTimeout(late)
      }
    },
  }
}

function searchOf(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  )
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`
}

function read<T>(url: string, answer: Response, text: string): T {
  const type = answer.headers.get('Content-Type') ?? ''
  if (text === '' || !type.includes('json')) return text as T
  try {
    return JSON.parse(text) as T
  } catch {
    throw new Failure(EXIT.unexpected, `${url} answers, and not as a hub does: what it sends is no JSON`)
  }
}

function unreachable(url: string, error: unknown): Failure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const isLate = error instanceof Error && error.name === 'TimeoutError'
  const code = (cause as { code?: string }).code
  const said = cause instanceof Error && cause.message !== '' ? cause.message : (code ?? String(cause))
  return new Failure(EXIT.unreachable, `The hub at ${url} cannot be reached: ${isLate ? 'no answer in time' : said}`)
}

/** The fields of a problem [RFC 9457] that a person reads. */
type Problem = {
  readonly type: string
  readonly title: string
  readonly detail: string
  readonly instance?: string
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly detail: string }[]
}

function failureOf(url: string, answer: Response, text: string): Failure {
  const { status } = answer
  const problem = problemIn(answer, text)
  if (problem === null) {
    const where = answer.headers.get('Location')
    const said = where === null ? `HTTP ${status}` : `HTTP ${status}, and leads to ${where}`
    const code = status >= 502 && status <= 504 ? EXIT.unreachable : EXIT.unexpected
    return new Failure(code, `${url} answers, and not as a hub does: ${said}`)
  }
  const { detail, errors = [] } = problem
  const more = errors.map((one) => [one.pointer ?? one.parameter, one.detail].filter(Boolean).join(': '))
  if (status >= 500 && problem.instance !== undefined) more.push(`In the hub's log: ${problem.instance}`)
  return new Failure(codeOf(status, problem.type), `${problem.title}: ${detail}`, more, text)
}

function problemIn(answer: Response, text: string): Problem | null {
  if (!(answer.headers.get('Content-Type') ?? '').includes('application/problem+json')) return null
  try {
    return JSON.parse(text) as Problem
  } catch {
    return null
  }
}

function codeOf(status: number, type: string): ExitCode {
  if (type.endsWith(':forbidden-url')) return EXIT.partner
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return EXIT.usage
    case 401:
    case 403:
    case 429:
      return EXIT.notAllowed
    case 404:
    case 410:
      return EXIT.notFound
    case 409:
      return EXIT.conflict
    case 502:
      return EXIT.partner
    case 503:
      return EXIT.unreachable
    default:
      return EXIT.unexpected
  }
}
