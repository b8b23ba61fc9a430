import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A hub in workerd, the runtime of Cloudflare Workers, on this machine. */
export type EdgeHub = {
  /** Path of the bundle's module. */
  readonly bundle: string
  /** Folder for what the Durable Objects keep. */
  readonly dataDir: string
  readonly host: string
  readonly port: number
  readonly databaseUrl: string
  /** Settings and secrets, as the Worker's bindings. */
  readonly settings: Readonly<Record<string, string>>
  /** `127.0.0.1:9000` of whoever takes data points, one by one as JSON, in the place of Analytics Engine. @default nobody */
  readonly analytics?: string
}

/** The Durable Objects: the binding of each, and its class. As in `wrangler.toml`. */
export const OBJECTS: Readonly<Record<string, string>> = { LOG: 'Log', QUEUE: 'Queue', KEEPER: 'Keeper' }

/** As in `wrangler.toml`. From this date on the third flag there, nodejs_compat, holds by itself, and workerd says so at each start. */
const COMPATIBILITY_DATE = '2026-10-30'
const COMPATIBILITY_FLAGS = ['enable_request_signal', 'global_fetch_strictly_public']

/** As `[assets]` in `wrangler.toml`; here the Worker itself is asked for them. */
const STATIC = fileURLToPath(new URL('../../admin/console/static', import.meta.url))

/** Cron is the platform's. Here a Worker beside the hub, on a loopback port of its own, begins a run whenever it is asked. */
const CRON = `export default {
  async fetch(_, { HUB }) {
    const { outcome } = await HUB.scheduled({ scheduledTime: new Date(), cron: '* * * * *' })
    return new Response(outcome)
  },
}`

/**
 * What workerd is told, in its own language, by a file in the hub's folder. Hyperdrive is an object that names the database: there is nothing to pool for one
 * hub.
 */
export function workerdConfig({ bundle, dataDir, host, port, databaseUrl, settings, analytics }: EdgeHub): string {
  const bindings = [
    `(name = "HYPERDRIVE", json = ${text(JSON.stringify({ connectionString: databaseUrl }))})`,
    ...Object.entries(OBJECTS).map(
      ([name, object]) => `(name = ${text(name)}, durableObjectNamespace = ${text(object)})`,
    ),
    '(name = "ASSETS", service = "assets")',
    ...(analytics ? ['(name = "ANALYTICS", analyticsEngine = "analytics")'] : []),
    ...Object.entries(settings).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
  ]
  const objects = Object.values(OBJECTS).map(
    (name) => `(className = ${text(name)}, uniqueKey = ${text(name)}, enableSql = true)`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "hub", worker = .hub),
    (name = "cron", worker = .cron),
    (name = "assets", disk = (path = ${text(STATIC)})),
    (name = "objects", disk = (path = ${text(dataDir)}, writable = true)),
    ${analytics ? `(name = "analytics", external = (address = ${text(analytics)}, http = ())),` : ''}
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [
    (name = "http", address = ${text(addressOf(host, port))}, http = (), service = "hub"),
    (name = "cron", address = "127.0.0.1:0", http = (), service = "cron"),
  ],
);
const hub :Workerd.Worker = (
  modules = [(name = "workers.js", esModule = embed ${text(relative(dataDir, bundle))})],
  compatibilityDate = ${text(COMPATIBILITY_DATE)},
  compatibilityFlags = [${COMPATIBILITY_FLAGS.map(text).join(', ')}],
  bindings = [
    ${bindings.join(',\n    ')},
  ],
  durableObjectNamespaces = [${objects.join(', ')}],
  durableObjectStorage = (localDisk = "objects"),
  globalOutbound = "internet",
);
const cron :Workerd.Worker = (
  modules = [(name = "cron.js", esModule = ${text(CRON)})],
  compatibilityDate = ${text(COMPATIBILITY_DATE)},
  compatibilityFlags = ["service_binding_extra_handlers"],
  bindings = [(name = "HUB", service = "hub")],
);
`
}

/** Where a hub answers. */
export function urlOf({ host, port }: Pick<EdgeHub, 'host' | 'port'>): string {
  return `http://${addressOf(host, port)}`
}

function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function text(value: string): string {
  return JSON.stringify(value)
}
