import { apply } from '../../ocpi/convert/patch.ts'
import { membersCalled } from '../../ocpi/json-field.ts'
import { keyOf, type Party, type PartyKey } from '../../ocpi/party.ts'
import { chainOf } from '../push/accept/check.ts'
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
  /** Of a Location: it is published, or was once. */
  readonly shown: boolean
}

/** What a direct request says, which has no number. */
export type ShadowNote = Pick<ShadowRow, 'chainKey' | 'pathKey' | 'method' | 'version' | 'body' | 'at'> & {
  readonly owner: PartyKey
}

/** Rejects when the store is away. */
export type ShadowRows = {
  /** All rows of these chains, each chain in the order in which things were said. */
  readonly read: (chainKeys: readonly string[]) => Promise<readonly ShadowRow[]>
  readonly note: (note: ShadowNote) => Promise<void>
}

/** An object as its owner last said it is. */
export type SeenObject = {
  readonly bytes: Uint8Array
  readonly version: string
  /** It is published, or was once. */
  readonly wasShown: boolean
}

/** What is kept of an object: its bytes are put together when they are asked for, and whether it is published is known without them. */
export type KeptObject = SeenObject & { readonly isPublished: boolean }

export type ShadowStore = {
  /** @param type of a token. @default null */
  readonly find: (owner: Party, kind: ShadowKind, id: string, type?: string | null) => Promise<KeptObject | null>
  /** By id, for those that are known. */
  readonly findMany: (owner: Party, kind: ShadowKind, ids: readonly string[]) => Promise<Map<string, SeenObject>>
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
      return composed(await rows.read([chainOf(MODULES[kind], keyOf(owner), id, type)]))
    },
    async findMany(owner, kind, ids) {
      const found = new Map<string, SeenObject>()
      if (ids.length === 0) return found
      const chains = new Map(ids.map((id) => [id, chainOf(MODULES[kind], keyOf(owner), id)]))
      const byChain = Map.groupBy(await rows.read([...new Set(chains.values())]), ({ chainKey }) => chainKey)
      for (const [id, chain] of chains) {
        const seen = composed(byChain.get(chain) ?? [])
        if (seen) found.set(id, seen)
      }
      return found
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
