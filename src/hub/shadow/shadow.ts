import { apply } from '../../ocpi/convert/patch.ts'
import { membersCalled } from '../../ocpi/json-field.ts'
import { keyOf, type Party, type PartyKey } from '../../ocpi/party.ts'
import { chainOf } from '../push/accept/check.ts'
import type { Once } from '../translate/carriage.ts'
import { isPublished } from './noted.ts'

/*
 * What owners said of their objects, as far as platforms of 2.1.1 and of newer versions need it to understand each other: a Session of
 * 2.1.1 has the whole Location in it, a PATCH of some members only converts with the rest of its object.
 *
 * Of each object there is what its owner said last of all of it, and what it changed since, in its own bytes and version. The statement that
 * stores a push stores that too, so what was acknowledged is known. It is kept only while both kinds of platforms are in the network, and
 * bounded for each owner: what was not heard of the longest goes.
 */

export type ShadowKind = 'location' | 'tariff' | 'session' | 'token'

/** One thing that was said of an object. */
export type ShadowRow = {
  readonly id: number
  /** Of the push that said it; of a direct request that of the last push then. */
  readonly number: number
  readonly chainKey: string
  /** `l1/e1` of an EVSE of the Location `l1`. */
  readonly pathKey: string
  readonly method: string
  readonly version: string
  readonly body: Uint8Array
  /** When it came, in milliseconds since the epoch. */
  readonly at: number
  /** Platforms of 2.1.1 may have it: it could be told them, once. Of a Location: it was published. */
  readonly shown: boolean
  /** Since when it cannot be told them any more; null: it can, or nobody knows. */
  readonly hidden: Hidden | null
}

/** The push that said what cannot be told platforms of 2.1.1. */
export type Hidden = {
  readonly number: number
  /** When it came, in milliseconds since the epoch. */
  readonly at: number
}

/** That a platform knows an object to be withdrawn, of one of its parties where it is told of each. */
export type Told = {
  readonly platformId: string
  readonly party: PartyKey
  readonly chainKey: string
  readonly hidden: Hidden
}

/** What a direct request says, which has no number. */
export type ShadowNote = Pick<ShadowRow, 'chainKey' | 'pathKey' | 'method' | 'version' | 'body' | 'at'> & {
  readonly owner: PartyKey
}

/** All rows of some chains, each chain in the order in which things were said. */
export type ShadowChains = {
  readonly rows: readonly ShadowRow[]
  /** So many of the first chains that were asked for were read: there was no room for more at once. */
  readonly chains: number
}

/** Rejects when the store is away. */
export type ShadowRows = {
  /** Of one chain at least. */
  readonly read: (chainKeys: readonly string[]) => Promise<ShadowChains>
  readonly note: (note: ShadowNote) => Promise<void>
  /** Whether that was told since the object is hidden, or the platform was not there before and never had it. */
  readonly isTold: (told: Told) => Promise<boolean>
  readonly tell: (told: Told) => Promise<void>
}

/** An object as its owner last said it is. */
export type SeenObject = {
  readonly bytes: Uint8Array
  readonly version: string
  /** Platforms of 2.1.1 may have it: it could be told them, once. Of a Location: it was published. */
  readonly wasShown: boolean
}

/** What is kept of an object: its bytes are put together when they are asked for, and whether it is published is known without them. */
export type KeptObject = SeenObject & { readonly isPublished: boolean; readonly hidden: Hidden | null }

export type ObjectRef = { readonly owner: Party; readonly id: string }

export type ShadowStore = {
  /** @param type of a token. @default null */
  readonly find: (owner: Party, kind: ShadowKind, id: string, type?: string | null) => Promise<KeptObject | null>
  /** In the order in which they are asked for, all or as many of the first as there is room for: one at least. */
  readonly findMany: (kind: ShadowKind, refs: readonly ObjectRef[]) => Promise<readonly (SeenObject | null)[]>
  /** That an object is withdrawn. */
  readonly onceHidden: (owner: Party, kind: ShadowKind, id: string, hidden: Hidden) => Once
  /** Takes note of a request that goes to one party: PUT or PATCH of a session. */
  readonly note: (
    owner: Party,
    id: string,
    said: Pick<ShadowNote, 'method' | 'version' | 'body' | 'at'>,
  ) => Promise<void>
}

const MODULES: Readonly<Record<ShadowKind, string>> = {
  location: 'locations',
  tariff: 'tariffs',
  session: 'sessions',
  token: 'tokens',
}

export function createShadowStore(rows: ShadowRows): ShadowStore {
  return {
    async find(owner, kind, id, type = null) {
      const read = await rows.read([chainOf(MODULES[kind], keyOf(owner), id, type)])
      return composed(read.rows)
    },
    onceHidden(owner, kind, id, hidden) {
      const chainKey = chainOf(MODULES[kind], keyOf(owner), id)
      return {
        isTold: (platformId, party) => rows.isTold({ platformId, party, chainKey, hidden }),
        tell: (platformId, party) => rows.tell({ platformId, party, chainKey, hidden }),
      }
    },
    async findMany(kind, refs) {
      if (refs.length === 0) return []
      const asked = refs.map(({ owner, id }) => chainOf(MODULES[kind], keyOf(owner), id))
      const chainKeys = [...new Set(asked)]
      const read = await rows.read(chainKeys)
      const byChain = Map.groupBy(read.rows, ({ chainKey }) => chainKey)
      const found = new Map(chainKeys.slice(0, read.chains).map((key) => [key, composed(byChain.get(key) ?? [])]))
      const unread = asked.findIndex((key) => !found.has(key))
      return asked.slice(0, unread === -1 ? asked.length : unread).map((key) => found.get(key) ?? null)
    },
    note(owner, id, said) {
      const chainKey = chainOf('sessions', keyOf(owner), id)
      return rows.note({ ...said, chainKey, pathKey: chainKey.split(' ')[2] as string, owner: keyOf(owner) })
    },
  }
}

/**
 * What rows of one object make it: the last whole one, and behind it what changed. Null where no whole one is known, or its owner went on in
 * another version meanwhile.
 */
export function composed(rows: readonly ShadowRow[]): KeptObject | null {
  const from = rows.findLastIndex(({ method, pathKey }) => method === 'PUT' && !pathKey.includes('/'))
  const base = rows[from]
  const changes = rows.slice(from + 1)
  if (base === undefined || changes.some(({ version }) => version !== base.version)) return null
  let bytes: Uint8Array | null = null
  return {
    version: base.version,
    wasShown: rows.some(({ shown }) => shown),
    hidden: rows.at(-1)?.hidden ?? null,
    get bytes() {
      bytes ??= changes.reduce(behind, base.body)
      return bytes
    },
    // Most changes are the status of one EVSE.
    get isPublished() {
      const says = ({ pathKey, body }: ShadowRow) => !pathKey.includes('/') && membersCalled(body, 'publish')?.length
      return isPublished(changes.findLast(says) ?? base)
    },
  }
}

/** What no receiver could apply either is passed over. */
function behind(bytes: Uint8Array, { method, pathKey, version, body, at }: ShadowRow): Uint8Array {
  return apply({ method, names: namesBelow(pathKey), version, body, at }, bytes) ?? bytes
}

/** `['e1', '1']` of `l1/e1/1`. */
function namesBelow(pathKey: string): string[] {
  return pathKey.split('/').slice(1).map(decodeURIComponent)
}
