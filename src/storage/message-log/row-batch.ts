import type { Exchange } from '../../hub/message/exchange.ts'
import type { LogBatch } from '../../hub/message/message-log.ts'
import { writeChanges } from './changes-text.ts'
import { mostRowBytes, writeRow } from './copy-rows.ts'
import { withoutTokens } from './redaction.ts'
import { writeSecondLeg } from './second-leg-text.ts'

/** Memory that rows stand in one after the other, and what is sent at once: other work gets its turn between two pages. */
const PAGE_BYTES = 128 * 1024
/** Pages of stored batches that later ones are written into: memory that is new each time has to be found and cleared. */
const SPARE_PAGES = 32

/** Rows of the message log as COPY takes them, packed when they are added. */
export type RowBatch = LogBatch & {
  readonly pages: () => Buffer[]
  /** IDs of one row that no other has; null when none of the rows has such. */
  readonly mark: () => RowMark | null
}

export type RowMark = { readonly correlationId: string; readonly forwardedRequestId: string }

/** Makes batches of rows. What was stored is given back with `reuse` and must not be looked at again. */
export function createRowBatches(): { readonly open: () => RowBatch; readonly reuse: (pages: Buffer[]) => void } {
  const spare: Buffer[] = []

  function open(): RowBatch {
    const full: Buffer[] = []
    let page = spare.pop() ?? Buffer.allocUnsafeSlow(PAGE_BYTES)
    let end = 0
    let rows = 0
    let fullBytes = 0
    let mark: RowMark | null = null

    /** A row that is larger than a page has one of its own. */
    function turn(room: number): void {
      if (end > 0) full.push(page.subarray(0, end))
      fullBytes += end
      page = room <= PAGE_BYTES ? (spare.pop() ?? Buffer.allocUnsafeSlow(PAGE_BYTES)) : Buffer.allocUnsafeSlow(room)
      end = 0
    }

    return {
      get rows() {
        return rows
      },
      get byteLength() {
        return fullBytes + end
      },
      add(exchange) {
        const kept = withoutSecrets(exchange)
        const changes = kept.changes && writeChanges(kept.changes)
        const secondLeg = kept.secondLeg && writeSecondLeg(kept.secondLeg)
        const room = mostRowBytes(kept, changes, secondLeg)
        if (end + room > page.length) turn(room)
        end = writeRow(page, end, kept, changes, secondLeg)
        rows += 1
        // The hub's own, made anew for each request that it sends.
        const { correlationId, forwardedRequestId } = exchange
        if (forwardedRequestId !== null) mark ??= { correlationId, forwardedRequestId }
      },
      mark: () => mark,
      pages: () => (end > 0 ? [...full, page.subarray(0, end)] : full),
    }
  }

  return {
    open,
    reuse(pages) {
      for (const { buffer } of pages) {
        if (spare.length < SPARE_PAGES && buffer.byteLength === PAGE_BYTES) spare.push(Buffer.from(buffer))
      }
    },
  }
}

/** What partners send to versions and hubclientinfo is looked at too: some post their credentials there. */
function withoutSecrets(exchange: Exchange): Exchange {
  const { kind, module, requestBody, responseBody } = exchange
  const isOfCredentials = module === 'credentials'
  if (!isOfCredentials && (kind !== 'configuration' || requestBody === null)) return exchange
  return {
    ...exchange,
    requestBody: requestBody && withoutTokens(requestBody),
    responseBody: isOfCredentials && responseBody ? withoutTokens(responseBody) : responseBody,
  }
}
