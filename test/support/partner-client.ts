import { connect } from 'node:net'
import { Agent } from 'undici'
import { type Headers, header } from '../../src/ocpi/headers.ts'

/** What came back, down to the bytes. `envelope` is null when the body is no JSON object. */
export type CallAnswer = {
  readonly status: number
  readonly headers: Headers
  /** First value, by lower-case name. */
  readonly header: (lowerName: string) => string | undefined
  readonly bytes: Buffer
  readonly envelope: Envelope | null
  /** The envelope's `status_code`. */
  readonly statusCode: number | null
  /** The envelope's `data`. */
  readonly data: unknown
  /** The Link header as it came. */
  readonly link: string | null
  /** The URL of its `rel="next"`. */
  readonly next: string | null
}

export type Envelope = {
  data?: unknown
  status_code: number
  status_message?: string
  timestamp: string
  [field: string]: unknown
}

export type RawCall = {
  readonly method: string
  /** Absolute; the path and query go out exactly as written here. */
  readonly url: string
  readonly headers: Headers
  readonly body: Buffer | AsyncIterable<Uint8Array> | null
  readonly signal?: AbortSignal
}

export type PartnerClient = {
  readonly send: (call: RawCall) => Promise<CallAnswer>
  readonly close: () => Promise<void>
}

/** Sends requests byte for byte: no normalised paths, no headers of its own but Host, Content-Length and Connection. */
export function createPartnerClient(): PartnerClient {
  const agent = new Agent({ keepAliveTimeout: 1_000, headersTimeout: 60_000, bodyTimeout: 60_000 })
  return {
    send: async ({ method, url, headers, body, signal }) => {
      const { origin, target } = splitUrl(url)
      const answer = await agent.request({
        origin,
        path: target,
        method: method as 'GET',
        headers: [...headers],
        body: body as Buffer | null,
        responseHeaders: 'raw',
        ...(signal && { signal }),
      })
      const bytes = Buffer.from(await answer.body.arrayBuffer())
      // Asked for raw, undici gives the flat list; its type knows only the object.
      return readAnswer(answer.statusCode, answer.headers as unknown as string[], bytes)
    },
    close: () => agent.destroy(),
  }
}

/** `https://host:1/a%2Fb?c` as its origin and the rest, untouched. */
export function splitUrl(url: string): { origin: string; target: string } {
  const match = /^(https?:\/\/[^/?#]+)([^#]*)/i.exec(url)
  if (!match) throw new Error(`Expected an absolute URL, got ${JSON.stringify(url)}`)
  const [, origin = '', rest = ''] = match
  return { origin, target: rest.startsWith('/') ? rest : `/${rest}` }
}

function readAnswer(status: number, headers: Headers, bytes: Buffer): CallAnswer {
  const envelope = parseEnvelope(bytes)
  const link = header(headers, 'link') ?? null
  return {
    status,
    headers,
    header: (lowerName) => header(headers, lowerName),
    bytes,
    envelope,
    statusCode: envelope?.status_code ?? null,
    data: envelope?.data,
    link,
    next: link ? (/<([^>]*)>\s*;\s*rel="?next"?/i.exec(link)?.[1] ?? null) : null,
  }
}

function parseEnvelope(bytes: Buffer): Envelope | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Envelope) : null
  } catch {
    return null
  }
}

/** Writes bytes to a socket and returns all that comes back until the other side closes: for what no HTTP client would send. */
export function sendRaw(origin: string, bytes: string | Buffer, options: { keepOpen?: boolean } = {}): Promise<Buffer> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      if (options.keepOpen) socket.write(bytes)
      else socket.end(bytes)
    })
    socket.setTimeout(30_000, () => socket.destroy(new Error('No end of answer within 30 s')))
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks)))
  })
}

/** Names of headers in lower case, repeated ones as often as they came. */
export function namesOf(headers: Headers): string[] {
  return headers.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase())
}
