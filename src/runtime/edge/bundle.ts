import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Keeps wrangler quiet and on this machine. */
const ENVIRONMENT = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  CI: '1',
}

/**
 * Makes the bundle of the Worker in a folder, as `wrangler deploy` would send it, and gives the path of its one module, and what wrangler
 * said of it. Takes some seconds. Rejects with what wrangler said.
 *
 * @param entry the module to begin with; the hub's own when left out
 * @param environment of `wrangler.toml`: the bundle is the same in all
 */
export async function bundleWorker(
  folder: string,
  { entry, environment = 'production' }: { entry?: string; environment?: string } = {},
): Promise<{ readonly bundle: string; readonly said: string }> {
  const wrangler = join(
    dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
    'wrangler-dist',
    'cli.js',
  )
  const main = entry ?? join(ROOT, 'src/runtime/workers.ts')
  const args = [wrangler, 'deploy', main, '--dry-run', '--outdir', folder, '--env', environment]
  args.push('--config', join(ROOT, 'wrangler.toml'))
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...ENVIRONMENT },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`The Worker could not be bundled: ${said}`)
  return { bundle: join(folder, `${main.split('/').at(-1)?.replace(/\.ts$/, '')}.js`), said }
}
