import type { CheckView, ClientInfoView, PlatformView, RegistrationView, StatusSpanView } from '../views.ts'
import { type Cell, facts, type Screen, table } from './screen.ts'
import { ago, count, moment, partyText, span, statusCell, until } from './words.ts'

const MOST_PARTIES_SHOWN = 3

export function platformTable(screen: Screen, platforms: readonly PlatformView[], now: number): string {
  return table(
    screen,
    ['NAME', 'PARTIES', 'STATUS', 'SINCE', 'CAUSE'],
    platforms.map((platform) => [
      platform.name,
      partiesOf(platform),
      statusCell(platform.status),
      ago(platform.status_since, now),
      platform.status_cause,
    ]),
    ['NAME', 'PARTIES', 'CAUSE'],
  )
}

/** `DE-CPC CPO, DE-CPC EMSP`, the first few. */
function partiesOf({ parties }: PlatformView): string {
  const shown = parties.slice(0, MOST_PARTIES_SHOWN).map((party) => `${partyText(party)} ${party.role}`)
  const rest = parties.length - shown.length
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ')
}

/** All of a platform that an administrator looks for. */
export function platformText(screen: Screen, platform: PlatformView, now: number): string {
  const { delivery, registration } = platform
  const marks = [
    platform.hold && 'held before going live',
    platform.awaits_check && 'waits for its connection check',
    platform.strict && 'held to the specification',
    platform.strict_authorization && 'strict Authorization',
    platform.left_out_of_get_all && 'left out of GET All',
    platform.has_older_token && 'an older token still opens the hub',
  ]
  const head = facts(screen, [
    ['name', { text: platform.name, tone: 'strong' }],
    ['id', platform.id],
    ['status', statusCell(platform.status)],
    ['since', `${moment(platform.status_since)}  ${ago(platform.status_since, now)}`],
    ['cause', platform.status_cause],
    ['last heard', platform.last_seen_at === null ? 'never' : ago(platform.last_seen_at, now)],
    ['certificate', platform.certificate_ends_at && `ends ${moment(platform.certificate_ends_at)}`],
    ['version', platform.version],
    ['versions URL', platform.versions_url],
    ['token sent as', platform.token_encoding],
    ['settings', marks.filter((mark) => mark !== false).join(', ')],
    ['delivery', deliveryText(delivery)],
    [
      'invitation',
      registration &&
        `${invitationText(registration, now)}, token ${registration.fingerprint ?? 'kept before fingerprints'}`,
    ],
  ])
  return [head, ...partsOf(screen, platform, now)].join('\n')
}

function partsOf(screen: Screen, { parties, pending_roles, endpoints }: PlatformView, now: number): string[] {
  const rolesOf = (role: { country_code: string; party_id: string; role: string }) => [partyText(role), role.role]
  const hosted = parties.map((party) => [...rolesOf(party), statusCell(party.status)])
  const waiting = pending_roles.map((role) => [...rolesOf(role), role.why, ago(role.since, now)])
  const interfaces: Cell[][] = endpoints.map(({ identifier, role, url, override }) => [
    identifier,
    role,
    url ?? 'hidden',
    override === undefined ? '' : `mended; announced: ${override.announced_url ?? 'nothing'}`,
  ])
  return [
    ...(hosted.length === 0 ? [] : [table(screen, ['PARTY', 'ROLE', 'STATUS'], hosted)]),
    ...(waiting.length === 0 ? [] : [table(screen, ['WAITS', 'ROLE', 'WHY', 'SINCE'], waiting)]),
    ...(interfaces.length === 0 ? [] : [table(screen, ['MODULE', 'ROLE', 'URL', ''], interfaces, ['URL'])]),
  ]
}

function deliveryText(delivery: PlatformView['delivery']): string {
  const { requests_per_second, concurrency, max_age_seconds, after_offline, broadcast_to } = delivery
  return [
    `${requests_per_second}/s`,
    `${concurrency} at once`,
    `tried for ${span(max_age_seconds)}`,
    `after OFFLINE: ${after_offline}`,
    `once for each ${broadcast_to}`,
  ].join(', ')
}

function invitationText({ expires_at }: { readonly expires_at: string }, now: number): string {
  return `ends ${until(expires_at, now)}`
}

/** What the partner needs for its handshake. */
export function registrationText(screen: Screen, registration: RegistrationView, now: number): string {
  return facts(screen, [
    ['versions URL', registration.versions_url],
    ['token', { text: registration.token, tone: 'strong' }],
    ['fingerprint', registration.fingerprint],
    ['valid', invitationText(registration, now)],
    ['', 'The token is shown this once: give both to the partner over a safe channel.'],
  ])
}

/** `Rheinstrom  ● CONNECTED  registered`: how a platform stands after a change. */
export function platformLine(screen: Screen, { name, status, status_cause }: PlatformView): string {
  return table(screen, ['', '', ''], [[name, statusCell(status), status_cause]])
}

export function checkText(screen: Screen, { is_alive, detail, platform }: CheckView): string {
  const found: Cell = is_alive ? { text: 'alive', tone: 'good' } : { text: 'does not answer', tone: 'bad' }
  return table(screen, ['', '', '', ''], [[platform.name, statusCell(platform.status), found, detail]])
}

export function historyTable(screen: Screen, spans: readonly StatusSpanView[]): string {
  const rows = spans.map(({ at, duration_seconds, to, cause, by }): Cell[] => [
    moment(at),
    duration_seconds === null ? '' : span(duration_seconds),
    to === null ? 'removed' : statusCell(to),
    by,
    cause,
  ])
  return table(screen, ['AT', 'FOR', 'STATUS', 'BY', 'CAUSE'], rows, ['BY', 'CAUSE'])
}

export function clientInfoTable(screen: Screen, seen: readonly ClientInfoView[]): string {
  const rows = seen.map((one): Cell[] => [partyText(one), one.role, statusCell(one.status), moment(one.last_updated)])
  return table(screen, ['PARTY', 'ROLE', 'STATUS', 'SINCE'], rows)
}

export function footer(shown: number, hasMore: boolean, what: string): string {
  return hasMore ? `The first ${count(shown, what)}; there are more: --limit, --all\n` : `${count(shown, what)}\n`
}
