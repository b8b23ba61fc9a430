import type { Hyperdrive } from '@cloudflare/workers-types'
import { readSettings, type SettingsResult } from '../settings/settings.ts'

/** What `wrangler.toml` and the Worker's secrets give, as far as settings need it: texts, and the way to the database. */
export type SettingBindings = { readonly HYPERDRIVE: Hyperdrive } & Readonly<Record<string, unknown>>

/** Here nothing can be made at the first start and shown or kept, nor be guessed from where the hub listens. */
const REQUIRED = {
  PUBLIC_URL: 'the URL where partners reach the hub',
  ADMIN_TOKEN: 'a secret that only administrators know',
} as const

/** The settings of a Worker, read as on every runtime; `DATABASE_URL` is Hyperdrive's. */
export function readBindings(bindings: SettingBindings): SettingsResult {
  const texts = Object.entries(bindings).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  const environment = Object.fromEntries([...texts, ['DATABASE_URL', bindings.HYPERDRIVE.connectionString]])
  const read = readSettings(environment)
  const missing = Object.entries(REQUIRED).filter(([name]) => !environment[name])
  return {
    ...read,
    problems: [...read.problems, ...missing.map(([name, what]) => `${name} is missing: expected ${what}`)],
    malformed: new Set([...read.malformed, ...missing.map(([name]) => name)]),
  }
}
