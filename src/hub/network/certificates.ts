import { hasPassed } from '../moments.ts'
import type { Now } from '../ports.ts'
import type { CurrentTable } from './routing-table.ts'

/** For how long a partner's certificate holds. Milliseconds since the epoch, as all moments here. */
export type Certificate = { readonly beganAt: number; readonly endsAt: number }

/** What a platform showed: certificates by host, `charging.example` or `charging.example:8443`. */
export type ShownCertificates = {
  readonly platformId: string
  /** All hosts of its endpoints: what is known of others is of the past. */
  readonly hosts: readonly string[]
  readonly certificates: readonly (Certificate & { readonly host: string })[]
}

/** Told of the certificate that whoever was connected to showed. Returns at once and never throws. */
export type NoteCertificate = (origin: string, certificate: Certificate) => void

/** A certificate that does not change is stored again so often, which says that it is still the one in use. */
const STORED_AGAIN_AFTER_MS = 3_600_000
/** A host that is nobody's is remembered for so long: its platform may be in its handshake. */
const NOBODYS_FOR_MS = 60_000
/** Hosts that wait to be stored. What finds no room is read again with the next connection. */
const MOST_WAITING = 10_000

type Read = Certificate & { readonly at: number }

/**
 * Gathers the certificates that are read when the hub connects, and finds out whose they are. `store` is to be called every few seconds;
 * it rejects while the database is away, and what was read waits for the next call: connections that resume a session show nothing.
 */
export function createCertificateWatch(ports: {
  readonly table: CurrentTable
  readonly store: (shown: readonly ShownCertificates[]) => Promise<void>
  readonly now: Now
}): { readonly note: NoteCertificate; readonly store: () => Promise<void> } {
  const { table, now } = ports
  const waiting = new Map<string, Read>()
  const stored = new Map<string, Read>()

  function note(origin: string, { beganAt, endsAt }: Certificate): void {
    const known = stored.get(origin)
    const at = now()
    if (known?.endsAt === endsAt && !hasPassed(STORED_AGAIN_AFTER_MS, known.at, at)) return
    if (waiting.size < MOST_WAITING || waiting.has(origin)) waiting.set(origin, { beganAt, endsAt, at })
  }

  async function store(): Promise<void> {
    if (waiting.size === 0) return
    const read = new Map(waiting)
    const shown = shownBy(read)
    const owned = new Set(shown.flatMap(({ certificates }) => certificates.map(({ host }) => `https://${host}`)))
    await ports.store(shown)
    for (const [origin, certificate] of read) {
      if (owned.has(origin)) stored.set(origin, certificate)
      const isDone = owned.has(origin) || now() - certificate.at >= NOBODYS_FOR_MS
      // Another may have been read meanwhile.
      if (isDone && waiting.get(origin) === certificate) waiting.delete(origin)
    }
  }

  /** Of the platforms that have an endpoint at one of the origins. */
  function shownBy(read: ReadonlyMap<string, Read>): ShownCertificates[] {
    const shown: ShownCertificates[] = []
    for (const { id, endpoints } of table().platforms.values()) {
      let isAmong = false
      for (const { origin } of endpoints.values()) isAmong ||= read.has(origin)
      if (!isAmong) continue
      const origins = [...new Set(Array.from(endpoints.values(), ({ origin }) => origin))]
      const certificates = origins.flatMap((origin) => {
        const certificate = read.get(origin)
        if (!certificate) return []
        return [{ host: hostOf(origin), beganAt: certificate.beganAt, endsAt: certificate.endsAt }]
      })
      shown.push({ platformId: id, hosts: origins.map(hostOf), certificates })
    }
    return shown
  }

  return { note, store }
}

/** `https://charging.example` is `charging.example`. */
function hostOf(origin: string): string {
  return origin.slice(origin.indexOf('//') + 2)
}
