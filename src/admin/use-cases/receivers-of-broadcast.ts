import type { MessageDetail } from '../../hub/message/message-query.ts'
import type { Platform, RoutingTable } from '../../hub/network/routing-table.ts'
import { addressed, whyNotFor } from '../../hub/push/attempt/receivers.ts'
import { isUnread } from '../../hub/push/cursor.ts'
import type { DeliveryTraces, LoggedAttempt, LoggedAttempts, SavedPlace } from '../../hub/push/drain/delivery-traces.ts'
import type { MissedView } from '../../hub/push/drain/queue-admin.ts'
import type { Push } from '../../hub/push/push.ts'
import type { PartyKey } from '../../ocpi/party.ts'
import { findOriginal, type NoOriginal } from './original-push.ts'

export const RECEIPT_STATES = [
  'delivered',
  'delivered-or-replaced',
  'waits',
  'failed',
  'missed',
  'withheld',
  'not-entitled',
] as const

/** What became of a broadcast for one platform, or for one party of it where the platform gets it for each. */
export type Receipt = {
  readonly platform: Platform
  readonly to: PartyKey | null
  readonly state: (typeof RECEIPT_STATES)[number]
  readonly why: string | null
  /** When it was delivered, or missed. */
  readonly at: number | null
  /** Attempts that the message log has. */
  readonly attempts: number
  readonly last: LoggedAttempt | null
}

export type Receivers =
  | { readonly kind: 'found'; readonly receipts: readonly Receipt[]; readonly nextAfter: string | null }
  | NoOriginal
  | { readonly kind: 'not-a-broadcast'; readonly detail: string }

type Ports = { readonly traces: DeliveryTraces; readonly currentTable: () => RoutingTable }

/** What is known of one platform and the push. */
type Evidence = {
  readonly place: SavedPlace | undefined
  readonly attempts: readonly LoggedAttempts[]
  readonly missed: readonly MissedView[]
}

/** A push that the message log alone knows was accepted within so long after its request came. */
const ACCEPTED_WITHIN_MS = 60_000

/**
 * Who has a broadcast: a page of the platforms that it could be for by their roles, in the order of their ids, each with what became
 * of it. Whether a platform is entitled is told by its roles, interfaces and rules as they are now.
 */
export async function receiversOf(
  { traces, currentTable }: Ports,
  message: MessageDetail,
  page: { readonly limit: number; readonly afterId: string | null },
): Promise<Receivers> {
  if (message.kind !== 'broadcast') return { kind: 'not-a-broadcast', detail: `It is of kind ${message.kind}` }
  const table = currentTable()
  const original = await findOriginal(traces.find, message, table)
  if ('kind' in original) return original
  const push: Push = { ...original.push, number: original.after }
  const platforms = candidates(table, push)
    .filter(({ id }) => page.afterId === null || id > page.afterId)
    .slice(0, page.limit + 1)
  const shown = platforms.slice(0, page.limit)
  const evidence = await gather(traces, table, push, shown)
  const receipts = shown.flatMap((platform) => receiptsOf(table, platform, push, evidence(platform.id)))
  const isMore = platforms.length > shown.length
  return { kind: 'found', receipts, nextAfter: isMore ? (shown.at(-1)?.id ?? null) : null }
}

/** Platforms of whose roles such pushes are, but for the sender. */
function candidates(table: RoutingTable, push: Push): Platform[] {
  return [...table.platforms.values()]
    .filter((platform) => !['sender', 'role'].includes(whyNotFor(table, platform, push, push.at) ?? ''))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

async function gather(
  traces: DeliveryTraces,
  table: RoutingTable,
  push: Push,
  platforms: readonly Platform[],
): Promise<(platformId: string) => Evidence> {
  const ids = platforms.map(({ id }) => id)
  const chains = new Set([push.chainKey])
  for (const platform of platforms)
    for (const each of addressed(table, platform, push, push.at, { suspendedToo: true })) chains.add(each.chainKey)
  const [places, attempts, missed] = await Promise.all([
    traces.places(ids),
    traces.attempts(push, ids),
    traces.missed(ids, [...chains], push.pathKey),
  ])
  const attemptsOf = Map.groupBy(attempts, ({ platformId }) => platformId)
  const missedOf = Map.groupBy(missed, ({ platformId }) => platformId)
  return (id) => ({ place: places.get(id), attempts: attemptsOf.get(id) ?? [], missed: missedOf.get(id) ?? [] })
}

/** States of a push that its queue has passed by, or has not come to yet. */
const HAPPENED_NOT: readonly Receipt['state'][] = ['delivered-or-replaced', 'waits']

const WHY_NOT = {
  endpoint: 'It announces no RECEIVER interface of the module',
  agreement: 'No agreement lets it hear the owner of the object',
} as const

function receiptsOf(table: RoutingTable, platform: Platform, push: Push, evidence: Evidence): Receipt[] {
  const pushes = addressed(table, platform, push, push.at, { suspendedToo: true })
  const receipts = (pushes.length > 0 ? pushes : [push]).map((each) => receiptOf(platform, each, evidence))
  const whyNot = notEntitled(table, platform, push, evidence)
  // What did happen tells more than what would happen now.
  return receipts.map((receipt) =>
    whyNot !== null && HAPPENED_NOT.includes(receipt.state) && receipt.attempts === 0
      ? { ...receipt, state: 'not-entitled', why: whyNot }
      : receipt,
  )
}

function notEntitled(table: RoutingTable, platform: Platform, push: Push, { place }: Evidence): string | null {
  const why = whyNotFor(table, platform, push, push.at)
  if (why === 'endpoint' || why === 'agreement') return WHY_NOT[why]
  if (!place || place.firstLiveAt === null) return 'It was never connected'
  return place.firstLiveAt > push.at ? 'It was connected later' : null
}

function receiptOf(platform: Platform, push: Push, evidence: Evidence): Receipt {
  const attempts = evidence.attempts.filter(({ to }) => push.to === undefined || to === push.to)
  const last = attempts.map((each) => each.last).sort((a, b) => b.at - a.at)[0] ?? null
  const count = attempts.reduce((sum, each) => sum + each.attempts, 0)
  const of = { platform, to: push.to ?? null, why: null, at: null, attempts: count, last }

  const delivered = attempts.flatMap(({ deliveredAt }) => deliveredAt ?? [])
  if (delivered.length > 0) return { ...of, state: 'delivered', at: Math.min(...delivered) }
  // The queue has passed by it, without a request.
  if (last?.failure === 'withheld') return { ...of, state: 'withheld', why: last.detail, at: last.at, attempts: 0 }
  const { place } = evidence
  if (push.number > 0 && place && isUnread(place.cursor, push)) return { ...of, state: 'waits' }
  const missed = evidence.missed.find(({ chainKey }) => chainKey === push.chainKey)
  if (missed && isOfPush(missed, push)) {
    const { cause, missedAt: at } = missed
    return { ...of, state: cause === 'refused' ? 'failed' : 'missed', why: cause, at }
  }
  return { ...of, state: 'delivered-or-replaced' }
}

/** The list has the latest missed push of an object only. */
function isOfPush(missed: MissedView, push: Push): boolean {
  if (push.number > 0) return missed.at === push.at
  return missed.at >= push.at && missed.at <= push.at + ACCEPTED_WITHIN_MS
}
