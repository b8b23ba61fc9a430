import { bytesOf, type Push } from '../push.ts'
import type { LogPart, PushLog, ReadLimits, Senders } from './push-log.ts'

/** Pushes of one module by these senders beyond `after` and up to `upTo`. */
export type BacklogRange = {
  readonly module: string
  readonly senders: Senders
  readonly after: number
  readonly upTo: number
  readonly withBodies: boolean
}

/** What one read brought of the pushes that `kind` names, from `after` on. */
type Page = LogPart & { readonly kind: string; readonly after: number; readonly bytes: number }

/** What all readers together hold of the backlog. */
const HELD_BYTES = 64_000_000
const LEAST_HELD_BYTES = 32_000
const PAGE: ReadLimits = { pushes: 1_000, bytes: 1_000_000 }
const PAGES_BYTES = 16_000_000
/** Numbers that one read looks through for the pushes of some senders: it must not take seconds when there are none. */
const SCANNED_MOST = 50_000

/**
 * The log further back than memory reaches, for all lanes of a process that are there. They read one after the other, and one
 * that stands where another has just read takes the same pushes: a thousand that fall behind together cost the database as much
 * as one, and whoever stores a push meanwhile waits for one read, not for a thousand.
 */
export class Backlog {
  readonly #log: Pick<PushLog, 'readModule'>
  /** In the order of their use; the latest used comes last. */
  #pages: Page[] = []
  readonly #readers = new Set<object>()
  #line: Promise<unknown> = Promise.resolve()

  constructor(log: Pick<PushLog, 'readModule'>) {
    this.#log = log
  }

  /** This reader is here no more, or has ended. */
  leave(reader: object): void {
    this.#readers.delete(reader)
    if (this.#readers.size === 0 && this.#pages.length > 0) this.#pages = []
  }

  /**
   * Settles when it is the reader's turn, and before where the pushes are known. Rejects when the log cannot be read. Nothing is
   * read for a reader that leaves before its turn.
   *
   * @param room how much the reader has room for; with many here it gets less
   */
  read(range: BacklogRange, room: ReadLimits, reader: object): Promise<LogPart> {
    this.#readers.add(reader)
    const known = this.#find(range)
    if (known) return Promise.resolve(this.#partOf(known, range, room))
    const turn = this.#line.then(async () => {
      if (!this.#readers.has(reader)) return { pushes: [], upTo: range.after }
      return this.#partOf(this.#find(range) ?? (await this.#readPage(range)), range, room)
    })
    this.#line = turn.catch(() => {})
    return turn
  }

  #find(range: BacklogRange): Page | null {
    const kind = kindOf(range)
    const at = this.#pages.findIndex(
      (page) => page.kind === kind && page.after <= range.after && range.after < page.upTo,
    )
    const [page] = at === -1 ? [] : this.#pages.splice(at, 1)
    if (page) this.#pages.push(page)
    return page ?? null
  }

  async #readPage(range: BacklogRange): Promise<Page> {
    const { module, senders, after, withBodies } = range
    const limits = { pushes: PAGE.pushes, bytes: Math.min(PAGE.bytes, this.#share()) }
    const upTo = Math.min(range.upTo, scanEnd(range))
    const part = await this.#log.readModule(module, senders, { after, upTo }, limits, withBodies)
    const bytes = part.pushes.reduce((sum, push) => sum + bytesOf(push), 0)
    const page = { ...part, kind: kindOf(range), after, bytes }
    this.#pages.push(page)
    this.#trim()
    return page
  }

  /** No more pages than there are readers. */
  #trim(): void {
    let bytes = this.#pages.reduce((sum, page) => sum + page.bytes, 0)
    while (this.#pages.length > this.#readers.size || bytes > PAGES_BYTES) bytes -= this.#pages.shift()?.bytes ?? bytes
  }

  #partOf(page: Page, { after, upTo }: BacklogRange, room: ReadLimits): LogPart {
    const mostBytes = Math.min(room.bytes, this.#share())
    const pushes: Push[] = []
    let bytes = 0
    let last = after
    for (const push of page.pushes) {
      if (push.number <= after) continue
      if (push.number > upTo) break
      if (pushes.length >= room.pushes || bytes >= mostBytes) return { pushes, upTo: last }
      pushes.push(push)
      bytes += bytesOf(push)
      last = push.number
    }
    return { pushes, upTo: Math.min(page.upTo, upTo) }
  }

  /** How many bytes one reader may take at once. */
  #share(): number {
    return Math.max(LEAST_HELD_BYTES, Math.floor(HELD_BYTES / Math.max(1, this.#readers.size)))
  }
}

function kindOf({ module, senders, withBodies }: BacklogRange): string {
  const whose = 'only' in senders ? `of ${senders.only}` : `but of ${senders.except.join(' ')}`
  return `${module} ${withBodies} ${whose}`
}

/** Where one read ends, though it may have found nothing: at the same numbers for all, so that they share what is read. */
function scanEnd({ senders, after }: BacklogRange): number {
  const isOfAll = 'except' in senders && senders.except.length === 0
  return isOfAll ? Number.POSITIVE_INFINITY : (Math.floor(after / SCANNED_MOST) + 1) * SCANNED_MOST
}
