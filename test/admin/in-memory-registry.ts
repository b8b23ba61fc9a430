import type { AdminRegistry } from '../../src/admin/ports.ts'
import type { NewPlatform, PlatformRecord } from '../../src/hub/network/registry.ts'
import { keyOf, type Party } from '../../src/ocpi/party.ts'

/** Platforms in a map, enough of the registry's rules for what the API must answer. */
export function createInMemoryRegistry(now: () => number) {
  const records = new Map<string, PlatformRecord>()
  const digests = new Map<string, string>()

  function takenParty(parties: readonly Party[], byId: string): Party | undefined {
    return parties.find((party) =>
      [...records.values()].some(
        (record) => record.id !== byId && record.parties.some((p) => keyOf(p) === keyOf(party)),
      ),
    )
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

  const registry: AdminRegistry = {
    async createPlatform(platform) {
      const taken = takenParty(platform.parties, platform.id)
      if (taken) return { kind: 'party-taken', party: taken }
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
        endpoints: [],
        delivery: platform.delivery,
        tokenEncoding: platform.tokenEncoding,
        isStrictAboutTokens: platform.isStrictAboutTokens,
        lastSeenAt: null,
        createdAt: now(),
        registrationExpiresAt: platform.registration?.expiresAt ?? null,
        hasOlderToken: false,
      })
      return { kind: 'changed' }
    },
    async changePlatform(id, { parties, ...change }) {
      const taken = takenParty(parties ?? [], id)
      if (taken) return { kind: 'party-taken', party: taken }
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
    async putRegistration(id, digest, expiresAt) {
      digests.set(id, digest)
      return update(id, () => ({ registrationExpiresAt: expiresAt }))
    },
    async setStatus(id, status, cause, from) {
      const record = records.get(id)
      if (record && from.length > 0 && !from.includes(record.status))
        return { kind: 'wrong-status', status: record.status }
      const next = status === 'CONNECTED' && record?.version === null ? 'PLANNED' : status
      return update(id, () => ({ status: next, statusCause: cause, statusSince: now() }))
    },
    async moveParty(key, toId) {
      if (!records.has(toId)) return { kind: 'unknown-platform' }
      const moved = [...records.values()].flatMap((r) => r.parties.filter((p) => keyOf(p) === key))
      for (const id of records.keys()) {
        update(id, (r) => ({ parties: [...r.parties.filter((p) => keyOf(p) !== key), ...(id === toId ? moved : [])] }))
      }
      return { kind: 'changed' }
    },
    async endOlderTokens(id) {
      update(id, () => ({ hasOlderToken: false }))
    },
  }
  return { registry, records, digests, update }
}
