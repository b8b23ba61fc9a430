import { type Context, Hono } from 'hono'
import { CHECK_RESULT } from '../hub/check/command-results.ts'
import { LOOP_MARK } from '../hub/message/loop-mark.ts'
import type { Answer, Message } from '../hub/message.ts'
import { VERSION_211 } from '../ocpi/dialect-211.ts'
import { withSingleSlashes } from '../ocpi/path.ts'
import { splitUrl } from '../ocpi/url.ts'

/** How this runtime turns a Hono request into a partner's message, and an answer into a Hono response. */
export type Exchanger = {
  readonly read: (c: Context) => Message
  readonly write: (c: Context, answer: Answer) => Response
}

export type Handle = (message: Message) => Promise<Answer>

export type AppPorts = {
  readonly exchanger: Exchanger
  readonly versions: Handle
  /** By version. */
  readonly details: Readonly<Record<string, Handle>>
  readonly credentials: Readonly<Record<string, Handle>>
  readonly clientInfo: Readonly<Record<string, Handle>>
  /** OCPI 2.1.1, whose URLs are of a side: `/ocpi/cpo/versions`. */
  readonly sides: readonly (Readonly<Record<'versions' | 'details' | 'credentials', Handle>> & {
    readonly side: string
  })[]
  /** Results of the commands of connection checks. */
  readonly checkResult: Handle
  /** Every functional module and every URL led through the hub. */
  readonly relay: Handle
  /** See `LOOP_MARK`. */
  readonly loopMark: string
  /** Answers what the hub sent itself. */
  readonly inACircle: Handle
  /** Answers what is nobody's. */
  readonly nowhere: Handle
  /** Answers a message whose handling threw what nobody foresaw. */
  readonly failed: (message: Message, error: unknown) => Answer
  /** Rejects when the hub is not ready; the message says why. */
  readonly ready: () => Promise<void>
  /** Prometheus text. Rejects when it cannot be read now. */
  readonly metrics: () => Promise<string>
  /** Whether whoever brings this header may read it. */
  readonly mayReadMetrics: (authorization: string | undefined) => boolean
  /** Everything under `/admin`. */
  readonly admin: (request: Request, env: object) => Response | Promise<Response>
  /** Everything under `/partner`: pages for people of partners. */
  readonly partner: (request: Request, env: object) => Response | Promise<Response>
}

/** The hub's face to partners and operators: a table of contents. */
export function createApp(ports: AppPorts): Hono {
  const app = new Hono({ getPath: pathAsSent })
  const { exchanger } = ports
  const serve = (handle: Handle) => async (c: Context) => exchanger.write(c, await handle(exchanger.read(c)))

  app.use(async (c, next) => {
    const isOwn = c.req.header(LOOP_MARK)?.includes(ports.loopMark)
    return isOwn ? serve(ports.inACircle)(c) : next()
  })
  app.all('/ocpi/versions', serve(ports.versions))
  for (const [version, handle] of Object.entries(ports.details)) app.all(`/ocpi/${version}`, serve(handle))
  for (const [version, handle] of Object.entries(ports.credentials))
    app.all(`/ocpi/${version}/credentials`, serve(handle))
  for (const [version, handle] of Object.entries(ports.clientInfo))
    app.all(`/ocpi/${version}/hubclientinfo`, serve(handle))
  for (const { side, versions, details, credentials } of ports.sides) {
    app.all(`/ocpi/${side}/versions`, serve(versions))
    app.all(`/ocpi/${side}/${VERSION_211}`, serve(details))
    app.all(`/ocpi/${side}/${VERSION_211}/credentials`, serve(credentials))
  }
  app.all(`${CHECK_RESULT}:id`, serve(ports.checkResult))
  // What is relayed, see `isRelayed`, and what is nobody's: it says so only to those whom it knows.
  app.all('/ocpi/*', serve(ports.relay))

  app.get('/healthz', (c) => c.text('ok'))
  app.get('/readyz', async (c) => {
    try {
      await ports.ready()
      return c.text('ready')
    } catch (error) {
      return c.text(error instanceof Error ? error.message : 'not ready', 503)
    }
  })
  app.get('/metrics', async (c) => {
    if (!ports.mayReadMetrics(c.req.header('Authorization'))) {
      const challenge = { 'WWW-Authenticate': 'Bearer realm="ocpi-hub"' }
      return c.text('Expected Authorization: Bearer and METRICS_TOKEN or the administrator token', 401, challenge)
    }
    try {
      return c.body(await ports.metrics(), 200, { 'Content-Type': 'text/plain; version=0.0.4' })
    } catch {
      return c.text('the metrics cannot be read now', 503)
    }
  })
  // Handed over whole, so that the admin room's own answers to unknown paths and errors hold.
  app.all('/admin/*', (c) => ports.admin(c.req.raw, c.env as object))
  app.all('/partner/*', (c) => ports.partner(c.req.raw, c.env as object))
  app.notFound(serve(ports.nowhere))
  app.onError((error, c) => exchanger.write(c, ports.failed(exchanger.read(c), error)))
  return app
}

/**
 * The path without decoding it, and without a slash at its end. Decoded, `/%6Detrics` would be another name of what an ingress
 * keeps from the public by its path; so would `//metrics`, and doubled slashes are one only in partners' paths.
 */
function pathAsSent({ url }: Request): string {
  const sent = splitUrl(url).path || '/'
  const single = withSingleSlashes(sent)
  const path = single.startsWith('/ocpi/') ? single : sent
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}
