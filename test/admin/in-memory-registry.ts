import type { RegistryViews } from '../../src/admin/ports.ts'
import type { PartyTaken } from '../../src/hub/network/handshake.ts'
import type { NewPlatform, PlatformRecord, RegistryChanges } from '../../src/hub/network/registry.ts'
import { keyOf } from '../../src/ocpi/party.ts'

/** Platforms in a map, enough of the registry's rules for what the API must answer. */
export function createInMemoryRegistry(now: () => number) {
  const records = new Map<string, PlatformRecord>()
  const digests = new Map<string, string>()

  function takenRole(wanted: NewPlatform['parties'], byId: string): PartyTaken | undefined {
    for (const { role, ...party } of wanted) {
      const holder = [...records.values()].find(
        (record) => record.id !== byId && record.parties.some((p) => keyOf(p) === keyOf(party) && p.role === role),
      )
      if (holder) return { kind: 'party-taken', party, role, heldBy: holder.id, why: 'held' }
    }
    return undefined
  }

  function planned(parties: NewPlatform['parties']): PlatformRecord['parties'] {
    return parties.map((party) => ({ ...party, businessDetails: null, status: 'PLANNED', lastUpdated: now() }))
  }

  function update(id: string, change: (record: PlatformRecord) => Partial<PlatformRecord>) {
    const record = records.get(id)
    if (!record) return { kind: 'unknown-platform' } as const
    records.set(id, { ...record, ...change(record) })
    return { kind: 'changed' } as const
  }

  const registry: RegistryViews & RegistryChanges = {
    async createPlatform(platform) {
      const taken = takenRole(platform.parties, platform.id)
      if (taken) return taken
      if (platform.registration) digests.set(platform.id, platform.registration.digest)
      records.set(platform.id, {
        id: platform.id,
        name: platform.name,
        status: 'PLANNED',
        statusCause: 'added by an administrator',
        statusSince: now(),
        version: null,
        versionsUrl: null,
        parties: planned(platform.parties),
        pendingRoles: [],
        mostRoles: null,
        endpoints: [],
        endpointOverrides: [],
        delivery: platform.delivery,
        tokenEncoding: platform.tokenEncoding,
        isStrictAboutTokens: platform.isStrictAboutTokens,
        isStrict: false,
        isLeftOutOfGetAll: false,
        isHeld: platform.isHeld ?? false,
        awaitsCheck: false,
        lastSeenAt: null,
        certificateEndsAt: null,
        createdAt: now(),
        registrationExpiresAt: platform.registration?.expiresAt ?? null,
        registrationFingerprint: platform.registration?.fingerprint ?? null,
        hasCredentials: false,
        hasOlderToken: false,
      })
      return { kind: 'changed' }
    },
    async changePlatform(id, { parties, ...change }) {
      const taken = takenRole(parties ?? [], id)
      if (taken) return taken
      return update(id, () => ({ ...change, ...(parties && { parties: planned(parties) }) }))
    },
    async deletePlatform(id) {
      return records.delete(id) ? { kind: 'changed' } : { kind: 'unknown-platform' }
    },
    findPlatform: async (id) => records.get(id) ?? null,
    async listPlatforms({ limit, afterId }) {
      const all = [...records.values()]
      return all.slice(afterId === null ? 0 : all.findIndex((record) => record.id === afterId) + 1).slice(0, limit)
    },
    async putRegistration(id, digest, expiresAt, marks) {
      digests.set(id, digest)
      return update(id, () => ({
        registrationExpiresAt: expiresAt,
        registrationFingerprint: marks?.fingerprint ?? null,
      }))
    },
    async setStatus(id, status, cause, from) {
      const record = records.get(id)
      if (record && from.length > 0 && !from.includes(record.status))
        return { kind: 'wrong-status', status: record.status }
      const next = status === 'CONNECTED' && record?.version === null ? 'PLANNED' : status
      return update(id, () => ({ status: next, statusCause: cause, statusSince: now() }))
    },
    setHeld: async (id, isHeld) => update(id, () => ({ isHeld })),
    async moveParty(key, role, toId) {
      if (!records.has(toId)) return { kind: 'unknown-platform' }
      const isMoved = (p: PlatformRecord['parties'][number]) => keyOf(p) === key && (role === null || p.role === role)
      const moved = [...records.values()].flatMap((r) => r.parties.filter(isMoved))
      for (const id of records.keys()) {
        update(id, (r) => ({ parties: [...r.parties.filter((p) => !isMoved(p)), ...(id === toId ? moved : [])] }))
      }
      return { kind: 'changed' }
    },
    async confirmRoles() {
      return { kind: 'unknown-platform' }
    },
    async refuseRoles() {
      return { kind: 'unknown-platform' }
    },
    listPendingRoles: async () => [],
    freeParty: async () => ({ kind: 'unknown-party' }),
    async endOlderTokens(id) {
      update(id, () => ({ hasOlderToken: false }))
    },
  }
  return { registry, records, digests, update }
}
