import { getTableColumns } from 'drizzle-orm'
import type { MessageDetail, MessageSummary } from '../../hub/message/message-query.ts'
import type { Headers } from '../../ocpi/headers.ts'
import { readChanges } from './changes-text.ts'
import { messageLog } from './schema.ts'
import { readSecondLeg } from './second-leg-text.ts'

const {
  segment: _segment,
  sessionRef: _sessionRef,
  requestHeaders,
  responseHeaders,
  requestBody,
  responseBody,
  secondLeg,
  forwardedBody,
  receiverBody,
  ...summary
} = getTableColumns(messageLog)

/** What is read of a row for a list. */
export const SUMMARY = summary

/** What is read of a row that is shown by itself. */
export const DETAIL = {
  ...summary,
  requestHeaders,
  responseHeaders,
  requestBody,
  responseBody,
  secondLeg,
  forwardedBody,
  receiverBody,
}

export type SummaryRow = Omit<MessageSummary, 'id' | 'changes'> & {
  readonly id: number
  readonly changes: string | null
}

type DetailRow = SummaryRow & {
  readonly requestHeaders: string
  readonly responseHeaders: string
  readonly requestBody: Uint8Array | null
  readonly responseBody: Uint8Array | null
  readonly secondLeg: string | null
  readonly forwardedBody: Uint8Array | null
  readonly receiverBody: Uint8Array | null
}

export function showSummary(row: SummaryRow): MessageSummary {
  return { ...row, id: showId(row.at, row.id), changes: row.changes === null ? null : readChanges(row.changes) }
}

export function showDetail({ secondLeg, forwardedBody, receiverBody, ...row }: DetailRow): MessageDetail {
  return {
    ...row,
    ...showSummary(row),
    requestHeaders: asHeaders(row.requestHeaders),
    responseHeaders: asHeaders(row.responseHeaders),
    secondLeg: secondLeg === null ? null : readSecondLeg(secondLeg, forwardedBody, receiverBody),
    bodyOf: null,
  }
}

/** A row is found by its moment, which is indexed, and its number: both are in its id, `mbx3k2l0-1f`. */
export function showId(at: number, number: number): string {
  return `${at.toString(36)}-${number.toString(36)}`
}

export function readId(id: string): { at: number; number: number } | null {
  const match = /^([0-9a-z]{1,10})-([0-9a-z]{1,10})$/.exec(id)
  return match && { at: Number.parseInt(match[1] as string, 36), number: Number.parseInt(match[2] as string, 36) }
}

function asHeaders(lines: string): Headers {
  return lines === '' ? [] : lines.split('\n')
}
