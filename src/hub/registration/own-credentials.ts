import { type BusinessDetails, hubCredentials, listsReachable } from '../../ocpi/credentials.ts'
import type { Party } from '../../ocpi/party.ts'
import { type ReachableRole, reachableKey, reachableRoles } from '../network/reachable.ts'
import type { CurrentTable, Platform } from '../network/routing-table.ts'
import { asSeenBy, platformIn } from '../network/seen-by.ts'
import type { Now, Secrets } from '../ports.ts'
import type { Told, ToldCredentials } from './told-credentials.ts'

/** Credentials of the hub's as they are for one platform now. */
type Made = {
  readonly credentials: object
  /** What the platform is told by them; null where their version lists no parties. */
  readonly told: Told | null
}

export type OwnCredentials = {
  /** Rejects never: of whoever's business details cannot be read now the name is shown. */
  readonly make: (platformId: string, version: string, token: string) => Promise<Made>
  readonly shown: (platformId: string, version: string, token: string) => Promise<object>
  /** The same, where a platform gets them in the place of others: it is told by them. */
  readonly given: (platformId: string, version: string, token: string) => Promise<object>
  /** Takes note of what a platform was told. Never rejects: at worst it is told once more. */
  readonly noteTold: (platformId: string, made: Made) => Promise<void>
  /** Stands for the parties that a platform reaches now. */
  readonly digestFor: (platform: Platform) => string
}

/** The hub's own credentials: to platforms of 2.3.0 they list the parties that these reach through the hub, so they differ from one to another. */
export function createOwnCredentials(ports: {
  readonly table: CurrentTable
  readonly told: Pick<ToldCredentials, 'businessOf' | 'note'>
  readonly digest: Secrets['digest']
  readonly now: Now
  readonly versionsUrl: string
  readonly hub: Party
  readonly business: BusinessDetails
}): OwnCredentials {
  const { table, told, digest, now, versionsUrl, hub, business } = ports

  function reachableFor(platform: Platform): readonly ReachableRole[] {
    return reachableRoles(asSeenBy(table(), platform), platform, now())
  }

  function digestOf(roles: readonly ReachableRole[]): string {
    return digest(roles.map(reachableKey).join('\n'))
  }

  async function make(platformId: string, version: string, token: string): Promise<Made> {
    const common = { version, token, versionsUrl, hub, business }
    const platform = platformIn(table(), platformId)
    if (!listsReachable(version) || !platform)
      return { credentials: hubCredentials({ ...common, reachable: [] }), told: null }
    const roles = reachableFor(platform)
    const details = await told.businessOf(roles).catch(() => new Map<string, unknown>())
    const reachable = roles.map((role) => ({ ...role, businessDetails: details.get(reachableKey(role)) ?? null }))
    // Who is told before its own parties are known is told the rest as soon as they are.
    const at = platform.parties.length === 0 ? 0 : now()
    return { credentials: hubCredentials({ ...common, reachable }), told: { digest: digestOf(roles), at } }
  }

  async function noteTold(platformId: string, made: Made): Promise<void> {
    if (made.told !== null) await told.note(platformId, made.told).catch(() => undefined)
  }

  return {
    make,
    noteTold,
    shown: async (...of) => (await make(...of)).credentials,
    async given(platformId, version, token) {
      const made = await make(platformId, version, token)
      await noteTold(platformId, made)
      return made.credentials
    },
    digestFor: (platform) => digestOf(reachableFor(platform)),
  }
}
