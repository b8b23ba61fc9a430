import { onwardHeaders } from '../../../ocpi/forwarded-headers.ts'
import type { MessageDetail } from '../views.ts'

/** A header on one side of the hub. `changed`: it is another one on the other side; `gone`: it ended at the hub. */
export type HeaderLine = {
  readonly name: string
  readonly value: string
  readonly mark: 'changed' | 'gone' | null
}

type Kept = MessageDetail['request']['headers']
type Change = { readonly name: string; readonly was: string | null; readonly is: string | null }

/** The hub speaks for itself in these on each leg. */
const ROUTING = ['OCPI-to-country-code', 'OCPI-to-party-id', 'OCPI-from-country-code', 'OCPI-from-party-id']
const OF_THE_LEG = new Set(['authorization', 'x-request-id'])
const OF_THE_ANSWER = new Set(['x-request-id', 'x-correlation-id', ...ROUTING.map((name) => name.toLowerCase())])

/** Whether a call of the hub's came of the message, so that there are two legs. */
export function hasTwoLegs({ kind, forwarded_url }: Pick<MessageDetail, 'kind' | 'forwarded_url'>): boolean {
  return forwarded_url !== null && (kind === 'direct' || kind === 'via' || kind === 'open')
}

/** The receiver answered, whatever its answer was worth. */
export function wasAnswered(
  message: Pick<MessageDetail, 'kind' | 'forwarded_url' | 'failure' | 'receiver_status'>,
): boolean {
  return hasTwoLegs(message) && (message.failure === null || message.receiver_status !== null)
}

/** Headers as they came or were sent, with those marked that the other leg has otherwise. */
export function ownLines(headers: Kept, changes: readonly Change[], isOfRequest: boolean): HeaderLine[] {
  const changed = new Set(changes.map(({ name }) => name.toLowerCase()))
  return (headers ?? []).map(({ name, value }) => {
    const lower = name.toLowerCase()
    return { name, value, mark: changed.has(lower) || (isOfRequest && OF_THE_LEG.has(lower)) ? 'changed' : null }
  })
}

/** The headers that the receiver got: those that came, with what the hub changed. Of its own the hub tells token and IDs only. */
export function sentLines({ request, changes, correlation_id, forwarded_request_id }: MessageDetail): HeaderLine[] {
  const told = changes?.request?.headers ?? []
  const changeOf = (name: string) => told.find((change) => change.name.toLowerCase() === name.toLowerCase())
  const routing = ROUTING.flatMap((name): HeaderLine[] => {
    const change = changeOf(name)
    const value = change ? change.is : valueOf(request.headers, name)
    return value === null ? [] : [{ name, value, mark: change ? 'changed' : null }]
  })
  const onward = pairsOf(onwardHeaders((request.headers ?? []).flatMap(({ name, value }) => [name, value])))
  const passed = onward.flatMap(({ name, value }): HeaderLine[] => {
    const change = changeOf(name)
    if (!change) return [{ name, value, mark: null }]
    return change.is === null ? [] : [{ name, value: change.is, mark: 'changed' }]
  })
  const gone = told.flatMap(({ name, was, is }): HeaderLine[] =>
    is === null && was !== null ? [{ name, value: was, mark: 'gone' }] : [],
  )
  return [
    { name: 'Authorization', value: "Token of the receiver's", mark: 'changed' },
    { name: 'X-Request-ID', value: forwarded_request_id ?? '', mark: 'changed' },
    { name: 'X-Correlation-ID', value: correlation_id, mark: null },
    ...routing,
    ...passed,
    ...gone,
  ]
}

/** The headers that the receiver answered with, as far as they are known: those that were sent back, before the hub changed them. */
export function answeredLines({ response, changes, receiver_status }: MessageDetail): HeaderLine[] {
  if (receiver_status !== null) return (response.headers ?? []).map((header) => ({ ...header, mark: null }))
  const told = changes?.response?.headers ?? []
  const names = new Set(told.map(({ name }) => name.toLowerCase()))
  const passed = (response.headers ?? [])
    .filter(({ name }) => !names.has(name.toLowerCase()) && !OF_THE_ANSWER.has(name.toLowerCase()))
    .map((header): HeaderLine => ({ ...header, mark: null }))
  const changed = told.flatMap(({ name, was }): HeaderLine[] =>
    was === null ? [] : [{ name, value: was, mark: 'changed' }],
  )
  return [...changed, ...passed]
}

function valueOf(headers: Kept, name: string): string | null {
  return headers?.find((header) => header.name.toLowerCase() === name.toLowerCase())?.value ?? null
}

function pairsOf(flat: readonly string[]): { readonly name: string; readonly value: string }[] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [{ name, value: flat[at + 1] ?? '' }] : []))
}
