import { isObject, soleOf } from '../../../ocpi/parsed.ts'
import { partyKey } from '../../../ocpi/party.ts'
import type { CheckedPlatform } from '../check.ts'
import { type Answered, isGood, statusCodeOf } from '../reading.ts'
import { fail, pass, quoted, saidOf, textOf, type Verdict, warn } from '../verdict.ts'
import { withRoles } from '../version-211.ts'

/** Roles as registered. The token in it is looked at by nobody. */
export function judgeCredentials(answer: Answered, platform: CheckedPlatform): Verdict {
  // Of a body that is no answer of OCPI nothing is told: it may be the credentials, token and all.
  if (statusCodeOf(answer) === null)
    return fail(`It answered HTTP ${answer.status} without an answer of OCPI in its body`)
  if (!isGood(answer)) return fail(`It answered ${saidOf(answer)}`)
  const data = soleOf(answer.envelope?.data)
  const roles = isObject(data) ? withRoles(data, platform)['roles'] : null
  if (!Array.isArray(roles) || roles.length === 0) return fail('The credentials have no roles')
  const said = new Set(roles.filter(isObject).map(roleOf))
  const registered = new Set(
    platform.parties.flatMap(({ countryCode, partyId, roles: own }) =>
      own.map((role) => `${role} ${partyKey(countryCode, partyId)}`),
    ),
  )
  const missing = [...registered].filter((role) => !said.has(role))
  const more = [...said].filter((role) => !registered.has(role))
  if (missing.length === 0 && more.length === 0) return pass(`${said.size} roles, as registered`)
  const parts = [
    ...(missing.length > 0 ? [`it does not name ${listed(missing)}`] : []),
    ...(more.length > 0 ? [`it names ${listed(more)}, which the hub does not have`] : []),
  ]
  return warn(`The roles differ from those registered: ${parts.join('; ')}`)
}

function roleOf({ role, country_code: country, party_id: party }: Record<string, unknown>): string {
  return `${textOf(role)} ${partyKey(textOf(country), textOf(party))}`.toUpperCase()
}

function listed(roles: readonly string[]): string {
  return (
    roles
      .slice(0, 5)
      .map((role) => quoted(role, 30))
      .join(', ') + (roles.length > 5 ? ` and ${roles.length - 5} more` : '')
  )
}
