import { join, resolve } from 'node:path'
import type { StartHub } from '../node/life.ts'
import { makeFolder } from '../node/make-folder.ts'
import { migrateOrRefuse } from '../node/migrate-or-refuse.ts'
import { takeLock } from '../node/postgres/lock.ts'
import { inUse } from '../node/preflight.ts'
import type { Environment } from '../settings/setting-reader.ts'
import { readSettings } from '../settings/settings.ts'
import { CannotStart, describeError } from '../shared/cannot-start.ts'
import { random } from '../shared/secrets.ts'
import { readyBundle } from './ready-bundle.ts'
import { startWorkerd, type Workerd } from './workerd.ts'
import { type EdgeHub, urlOf } from './workerd-config.ts'

/** As in `wrangler.toml`. */
const CRON_EVERY_MS = 60_000

/** Of these the Worker is told otherwise, or knows nothing. */
const NOT_BINDINGS = new Set(['DATABASE_URL', 'DATA_DIR', 'HOST', 'PORT'])

/**
 * Puts a hub in workerd together, beside this process: what the objects keep lies in `DATA_DIR/edge`. Without `ADMIN_TOKEN`
 * each start makes another.
 */
export function startEdgeHub(environment: Environment): StartHub {
  return async (settings, databaseUrl, secretKeys, log) => {
    const dataDir = join(resolve(settings.dataDir), 'edge')
    await makeFolder(dataDir, 0o700)
    const letGo = takeLock(join(dataDir, 'hub.lock'))
    if (letGo === null) throw new CannotStart([inUse(settings.dataDir)])
    const [bundle] = await Promise.all([readyBundle(), migrateOrRefuse(databaseUrl, log)])
    const newAdminToken = settings.adminToken === null ? random.token() : null
    const { given } = readSettings(environment)
    const hub: EdgeHub = {
      bundle,
      dataDir,
      host: settings.host,
      port: settings.port,
      databaseUrl,
      settings: {
        ...Object.fromEntries(Object.entries(given).filter(([name]) => !NOT_BINDINGS.has(name))),
        PUBLIC_URL: settings.publicUrl,
        ADMIN_TOKEN: settings.adminToken ?? newAdminToken ?? '',
        SECRET_KEY: base64(secretKeys.current),
        ...(secretKeys.previous && { SECRET_KEY_PREVIOUS: base64(secretKeys.previous) }),
      },
    }
    let workerd: Workerd | null = null
    let isStopping = false
    let cron: NodeJS.Timeout | null = null

    async function listen(): Promise<{ port: number }> {
      workerd = await startWorkerd(hub, (line) => process.stderr.write(`${line}\n`)).catch((cause: unknown) => {
        const why = describeError(cause)
        if (why.includes('Address already in use'))
          throw Object.assign(new Error(why, { cause }), { code: 'EADDRINUSE' })
        throw new CannotStart([`workerd cannot run the hub: ${why}`], { cause })
      })
      const { ended, runCron } = workerd
      void ended.then((code) => {
        if (!isStopping) throw new Error(`workerd ended by itself, with ${code}`)
      })
      const ready = await fetch(`${urlOf(hub)}/readyz`)
      if (!ready.ok) throw new CannotStart([`The hub is not ready: ${(await ready.text()).trim()}`])
      const poke = () =>
        void runCron().catch((error: unknown) => {
          if (!isStopping) log.warn({ why: describeError(error) }, 'cron failed')
        })
      poke()
      cron = setInterval(poke, CRON_EVERY_MS)
      return { port: settings.port }
    }

    return {
      newAdminToken,
      listen,
      async drain(timeoutMs) {
        isStopping = true
        if (cron) clearInterval(cron)
        await workerd?.stop(timeoutMs)
      },
      async close() {
        letGo()
      },
    }
  }
}

function base64(key: Uint8Array): string {
  return Buffer.from(key).toString('base64')
}
