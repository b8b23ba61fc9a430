import type { MessageDetailView, MessageView, ReceiptView } from '../views.ts'
import { clean, cleanLines } from './clean.ts'
import { type Cell, facts, type Screen, type Tone, table } from './screen.ts'
import { clock, moment } from './words.ts'

/** What the partners talk of, `NL/CPO/LOC1`: without how the hub's URLs begin. */
function objectPath({ path }: MessageView): string {
  return path.replace(/^\/ocpi\/[^/]+\/(sender|receiver)\/[^/?]+\/?/, '') || '/'
}

/** `NL-CPA → DE-EMB`: parties where they are known, else platforms, else the hub. */
function wayOf(message: MessageView): string {
  const from =
    message.kind === 'hub-call' || message.kind === 'check'
      ? 'hub'
      : (message.from_party ?? message.from_platform_name ?? callerOf(message))
  return `${from} → ${message.to_party ?? message.to_platform_name ?? 'hub'}`
}

function callerOf({ kind, client }: MessageView): string {
  return kind === 'configuration' ? (client ?? 'unknown') : 'hub'
}

function isFailed({ failure, http_status, ocpi_status }: MessageView): boolean {
  return failure !== null || http_status < 100 || http_status >= 400 || (ocpi_status ?? 0) >= 2000
}

function outcomeCell(message: MessageView): Cell {
  const { failure, detail, http_status, ocpi_status } = message
  const statuses = [http_status === 0 ? null : http_status, ocpi_status].filter((one) => one !== null).join(' ')
  if (!isFailed(message)) return { text: statuses, tone: 'good' }
  return { text: [statuses, detail ?? failure].filter(Boolean).join('  '), tone: 'bad' }
}

function tookOf({ duration_ms }: MessageView): string {
  return `${Math.round(duration_ms)} ms`
}

export function messageTable(screen: Screen, messages: readonly MessageView[]): string {
  const rows = messages.map((message): Cell[] => [
    moment(message.at),
    wayOf(message),
    message.module,
    message.method,
    objectPath(message),
    tookOf(message),
    outcomeCell(message),
    message.id,
  ])
  return table(screen, ['AT', 'FROM → TO', 'MODULE', '', 'PATH', 'TOOK', 'OUTCOME', 'ID'], rows, [
    'FROM → TO',
    'PATH',
    'OUTCOME',
  ])
}

const RECEIPT_TONES: Readonly<Record<ReceiptView['state'], Tone>> = {
  delivered: 'good',
  'delivered-or-replaced': 'quiet',
  waits: 'warn',
  failed: 'bad',
  missed: 'bad',
  withheld: 'warn',
  'not-entitled': 'quiet',
}

/** What became of a broadcast, a platform to a line. */
export function receiptTable(screen: Screen, receipts: readonly ReceiptView[]): string {
  const rows = receipts.map(({ platform_name, to_party, state, at, attempts, why, last_attempt }): Cell[] => [
    platform_name,
    to_party,
    { text: state, tone: RECEIPT_TONES[state] },
    moment(at),
    attempts,
    why ?? last_attempt?.detail ?? last_attempt?.failure ?? '',
    last_attempt?.message_id ?? '',
  ])
  return table(screen, ['PLATFORM', 'FOR', 'STATE', 'AT', 'ATTEMPTS', 'WHY', 'LAST MESSAGE'], rows, ['PLATFORM', 'WHY'])
}

/** The widths of a line of `tail`: each line is written before the next is known. */
const WIDTHS = [12, 18, 16, 6, 32, 9] as const

/** A message as it passes: `06:44:07.310  NL-CPA → DE-EMB  locations  PUT  NL/CPA/LOC2  24 ms  502`. */
export function messageLine(screen: Screen, message: MessageView): string {
  const cells = [
    clock(message.at),
    wayOf(message),
    message.module,
    message.method,
    objectPath(message),
    tookOf(message),
  ]
  const head = cells.map((text, i) => clean(text).padEnd(WIDTHS[i] ?? 0)).join('  ')
  return table({ ...screen, columns: null }, ['', ''], [[head, outcomeCell(message)]])
}

/** A message whole: what it came to, its IDs, and what either side sent. */
export function messageText(screen: Screen, message: MessageDetailView): string {
  const head = facts(screen, [
    ['at', message.at],
    ['way', { text: wayOf(message), tone: 'strong' }],
    ['kind', message.kind],
    ['module', [message.module, message.interface_role].filter(Boolean).join(' ')],
    ['request', `${message.method} ${message.path}`],
    ['sent to', message.forwarded_url],
    ['outcome', outcomeCell(message)],
    ['receiver said', message.receiver_status === null ? null : `HTTP ${message.receiver_status}`],
    [
      'took',
      message.receiver_ms === null
        ? tookOf(message)
        : `${tookOf(message)}, ${Math.round(message.receiver_ms)} ms of it the receiver`,
    ],
    ['converted', message.conversion],
    ['object', message.object_key],
    ['correlation ID', message.correlation_id],
    ['request ID', [message.request_id, message.forwarded_request_id].filter(Boolean).join(' → ')],
    ['from', message.client],
    ['id', message.id],
  ])
  return [
    head,
    ...changesOf(screen, message),
    partText('Request', message.request),
    partText('Answer', message.response),
    convertedText('Request, as the receiver got it', message.converted?.request),
    convertedText('Answer, as the receiver gave it', message.converted?.response),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function changesOf(screen: Screen, { changes }: MessageDetailView): string[] {
  if (changes === null) return []
  const urls = changes.request?.response_url
  const rows = [
    ...(changes.request?.headers ?? []).map((one) => ['request', one.name, one.was, one.is]),
    ...(urls ? [['request', 'response_url', urls.was, urls.is]] : []),
    ...(changes.response?.headers ?? []).map((one) => ['answer', one.name, one.was, one.is]),
  ]
  return [table(screen, ['CHANGED', 'NAME', 'WAS', 'IS'], rows)]
}

/** Of what was converted. */
function convertedText(
  title: string,
  part: NonNullable<MessageDetailView['converted']>['request'] | undefined,
): string {
  if (!part) return ''
  const remarks = part.remarks.map(({ fate, pointer, reason }) => `  ${fate}: ${clean(pointer)}, ${clean(reason)}\n`)
  return partText(title, { ...part, headers: part.body === null ? null : [] }) + remarks.join('')
}

function partText(title: string, { headers, body, body_is_cut }: MessageDetailView['request']): string {
  if (headers === null && body === null) return ''
  const lines = (headers ?? []).map(({ name, value }) => `  ${clean(name)}: ${clean(value)}`)
  const content =
    body === null
      ? []
      : [
          '',
          ...cleanLines(body)
            .split('\n')
            .map((line) => `  ${line}`),
        ]
  return `${[title, ...lines, ...content, ...(body_is_cut ? ['  …'] : [])].join('\n')}\n`
}
