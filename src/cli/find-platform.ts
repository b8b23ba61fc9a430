import { EXIT, Failure, usage } from './exit.ts'
import type { HubApi } from './hub-api.ts'
import type { PlatformView } from './views.ts'

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const PARTY = /^[A-Za-z]{2}[-*][!-)+-.0-~]{1,3}$/
const MOST = 1_000

/** The id of a platform that is named by its id, by its name, or by a party of it. */
export async function idOfPlatform(api: HubApi, named: string): Promise<string> {
  return ID.test(named) ? named.toLowerCase() : (await findPlatform(api, named)).id
}

/** The same for an option that may be left out. */
export async function idIfNamed(api: HubApi, named: string | undefined): Promise<string | undefined> {
  return named === undefined ? undefined : idOfPlatform(api, named)
}

/** The platform that is named by its id, by its name, or by a party of it; never one of several. */
export async function findPlatform(api: HubApi, named: string): Promise<PlatformView> {
  if (ID.test(named)) return (await api.call<PlatformView>('GET', `/platforms/${named}`)).value
  const list = async (query: Record<string, string | number>) =>
    (await api.call<readonly PlatformView[]>('GET', '/platforms', { query })).value
  const byParty = PARTY.test(named) ? await list({ party: named, limit: 3 }) : []
  const found = byParty.length > 0 ? byParty : withName(await list({ q: named, limit: MOST }), named)
  const [only] = found
  if (!only) throw new Failure(EXIT.notFound, `${named}: no platform has this name, party or id`)
  if (found.length > 1) {
    const ids = found.map(({ id, name }) => `${name} ${id}`).join(', ')
    throw usage(`${named} is several platforms: name one by its id (${ids})`)
  }
  return only
}

function withName(platforms: readonly PlatformView[], named: string): PlatformView[] {
  const same = platforms.filter(({ name }) => name === named)
  if (same.length > 0) return same
  return platforms.filter(({ name }) => name.toLowerCase() === named.toLowerCase())
}
