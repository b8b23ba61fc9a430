import { usage } from './exit.ts'
import type { Target } from './hub-api.ts'
import type { Io } from './io.ts'
import { readProfiles } from './profiles.ts'

export type TargetOptions = { readonly url?: string | undefined; readonly profile?: string | undefined }

/**
 * Which hub is meant, and the key to it: `--url`, `--profile`, the environment, or the profile in use, in this order. The key
 * of a profile goes to the hub of that profile and to no other.
 */
export async function findTarget(options: TargetOptions, env: Io['env']): Promise<Target> {
  const key = env['OCPI_HUB_KEY'] || null
  if (options.url !== undefined) return { url: hubUrl(options.url), key }
  if (options.profile === undefined && env['OCPI_HUB_URL']) return { url: hubUrl(env['OCPI_HUB_URL']), key }
  const { current, profiles } = await readProfiles(env)
  const name = options.profile ?? current
  if (name === null)
    throw usage(
      'Which hub? Name it by --url or OCPI_HUB_URL, with its key in OCPI_HUB_KEY, or: ocpi-hub profile add NAME',
    )
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (!profile) throw usage(`${name}: no profile has this name; ocpi-hub profile list shows them`)
  return options.profile === undefined ? { url: profile.url, key: key ?? profile.key } : profile
}

/** The address of a hub as administrators write it, `https://hub.example` or with a path, without what stands behind it. */
export function hubUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw usage(`${text}: expected the address of a hub such as https://hub.example`)
  if (url.username !== '' || url.password !== '') throw usage('Expected the address of a hub without user and password')
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/admin(\/api)?$/, '')
}
