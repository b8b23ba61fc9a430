import type { Context } from 'hono'
import type { PartyTaken } from '../../hub/network/handshake.ts'
import type { ChangeResult } from '../../hub/network/registry.ts'
import type { CurrentTable } from '../../hub/network/routing-table.ts'
import type { CheckOutcome } from '../../hub/presence/ask.ts'
import type { HandshakeOutcome } from '../../hub/registration/handshake-outcome.ts'
import { showParty } from '../../ocpi/party.ts'
import type { AdminPorts } from '../ports.ts'
import { type AdminEnv, plainProblem, problem } from '../problem.ts'
import { showPlatform } from './platforms/platform-view.ts'

type Ctx = Context<AdminEnv>

/** Answers with a platform once its change holds in this process. */
export async function answerChanged(c: Context<AdminEnv>, ports: AdminPorts, id: string) {
  await ports.afterChange()
  const record = await ports.registry.findPlatform(id)
  return record ? c.json(showPlatform(record, ports), 200) : unknownPlatform(c)
}

export function unknownPlatform(c: Ctx) {
  return problem(c, 404, 'unknown-platform', 'No platform has this id')
}

function wrongStatus(c: Ctx, status: string) {
  return problem(c, 409, 'wrong-status', `The platform is ${status}`)
}

/** Names the role and who holds it, or another one of the party: a platform, or the hub itself. */
export function partyTaken(c: Ctx, currentTable: CurrentTable, { party, role, heldBy, why }: Omit<PartyTaken, 'kind'>) {
  const holder = heldBy === null ? undefined : currentTable().platforms.get(heldBy)
  const other = holder ? `${holder.name} (${holder.id})` : 'another platform'
  const detail =
    why === 'held'
      ? `${showParty(party)} as ${role} belongs to ${heldBy === null ? 'the hub itself' : other}`
      : `${showParty(party)} has another role at ${other}, and ${role} is not reserved for this platform`
  return problem(c, 409, 'party-taken', detail, {
    party: { country_code: party.countryCode, party_id: party.partyId, role },
    ...(heldBy !== null && { platform_id: heldBy }),
  })
}

/** What the registry refused. */
export function changeProblem(c: Ctx, currentTable: CurrentTable, result: Exclude<ChangeResult, { kind: 'changed' }>) {
  switch (result.kind) {
    case 'unknown-platform':
      return unknownPlatform(c)
    case 'wrong-status':
      return wrongStatus(c, result.status)
    case 'party-taken':
      return partyTaken(c, currentTable, result)
    case 'awaits-check':
      return problem(c, 409, 'awaits-check', AWAITS_CHECK)
  }
}

const AWAITS_CHECK =
  'It goes live when a connection check finds no fault but those that are waived: check it again, or waive faults that are known'

/** Why a check found nothing out. Throws what kept the hub from asking: an absent database is told like anywhere else. */
export function checkProblem(
  c: Ctx,
  currentTable: CurrentTable,
  outcome: Exclude<CheckOutcome, { kind: 'alive' | 'silent' }>,
) {
  if (outcome.kind !== 'not-asked') return changeProblem(c, currentTable, outcome)
  if (outcome.why === 'stopping') return plainProblem(c, 503, 'The hub is stopping')
  throw outcome.error
}

/** How the connection stands, and the way out. */
const AFTER_LOST_ANSWER = {
  POST:
    'The partner may hold itself registered; the hub does not. ' +
    'Ask it for another registration token and connect again.',
  PUT:
    'Both tokens, the one before and the new one, open the hub for the partner until it has used the new one. ' +
    'If it refuses the token of the hub from now on (a check tells), only the partner can mend that: ' +
    'by a PUT of its credentials, or by registering anew with a registration token made for its platform here.',
} as const

/** What a call to the partner came to, when it was not what the administrator wanted. */
export function handshakeProblem(
  c: Ctx,
  currentTable: CurrentTable,
  outcome: Exclude<HandshakeOutcome, { kind: 'done' }>,
) {
  switch (outcome.kind) {
    case 'unknown-platform':
      return unknownPlatform(c)
    case 'wrong-status':
      return wrongStatus(c, outcome.status)
    case 'under-way':
      return problem(c, 409, 'handshake-under-way', 'Another handshake with this platform is not over yet')
    case 'party-taken':
      return partyTaken(c, currentTable, outcome)
    case 'roles-unusable':
      return problem(c, 502, 'roles-unusable', `${outcome.detail}. The new tokens hold, and the roles are as before`)
    case 'forbidden-url':
      return problem(c, 422, 'forbidden-url', outcome.detail)
    case 'partner-unreachable':
      return problem(c, 502, 'partner-unreachable', outcome.detail)
    case 'partner-refused':
      return problem(c, 502, 'partner-refused', outcome.detail, {
        ...(outcome.ocpiStatus !== undefined && { ocpi_status: outcome.ocpiStatus }),
      })
    case 'answer-lost':
      return problem(c, 502, 'answer-lost', `${outcome.detail}. ${AFTER_LOST_ANSWER[outcome.method]}`)
    case 'unsupported-version':
      return problem(
        c,
        502,
        'unsupported-version',
        `The partner offers ${outcome.offered.join(', ') || 'no version'}`,
        {
          offered_versions: [...outcome.offered],
        },
      )
    case 'no-matching-endpoints':
      return problem(c, 502, 'no-matching-endpoints', 'The partner lists no endpoint that the hub can use')
  }
}
