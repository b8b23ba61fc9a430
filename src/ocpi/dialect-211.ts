import { type CredentialsObject, parseCredentials, parseNewCredentials } from './credentials.ts'
import type { InterfaceRole } from './modules.ts'
import { isObject, type Parsed, type Problem } from './parsed.ts'
import type { Party, Role } from './party.ts'
import { type Side, sideHolding } from './sides.ts'

/** The version whose platforms know neither roles nor routing headers: a connection is between one CPO and one eMSP. */
export const VERSION_211 = '2.1.1'

/** Modules of 2.1.1 that are routed between parties [version_information_endpoint: ModuleID enum]. */
export const MODULES_211: readonly string[] = ['cdrs', 'commands', 'locations', 'sessions', 'tariffs', 'tokens']

/** The interface that a side holds of a module, which its endpoints do not say themselves; null where the version has no such module. */
export function roleHeldBy(side: Side, module: string): InterfaceRole | null {
  if (!MODULES_211.includes(module)) return null
  return sideHolding(module, 'SENDER') === side ? 'SENDER' : 'RECEIVER'
}

/** The role of a party whose credentials do not say it: by the side that it registers on. */
export type RoleOf = (party: Party) => Role

/** Reads credentials of 2.1.1: of one party [credentials: Credentials object]. Otherwise as `parseCredentials`. */
export function parseFlatCredentials(data: unknown, roleOf: RoleOf): Parsed<CredentialsObject> {
  const parsed = parseCredentials(withRole(data))
  return parsed.kind === 'ok' ? { kind: 'ok', value: inRole(parsed.value, roleOf) } : flatProblem(parsed)
}

/** Reads the answer to new credentials of the hub's, as `parseNewCredentials`. */
export function parseNewFlatCredentials(data: unknown, roleOf: RoleOf): ReturnType<typeof parseNewCredentials> {
  const parsed = parseNewCredentials(withRole(data))
  if (parsed.kind === 'problem') return flatProblem(parsed)
  const { value } = parsed
  if ('roles' in value) return { kind: 'ok', value: inRole(value, roleOf) }
  return { kind: 'ok', value: { ...value, unusable: atTheTop(value.unusable) } }
}

/** Credentials of 2.1.1. @param businessDetails as an object of OCPI */
export function flatCredentials(of: {
  readonly token: string
  readonly versionsUrl: string
  readonly party: Party
  readonly businessDetails: unknown
}): object {
  const { token, versionsUrl: url, party, businessDetails } = of
  return { token, url, business_details: businessDetails, party_id: party.partyId, country_code: party.countryCode }
}

/** As credentials that say roles. */
function withRole(data: unknown): unknown {
  if (!isObject(data)) return data
  const { token, url, country_code, party_id, business_details } = data
  return { token, url, roles: [{ role: 'OTHER', country_code, party_id, business_details }] }
}

function inRole(credentials: CredentialsObject, roleOf: RoleOf): CredentialsObject {
  return { ...credentials, roles: credentials.roles.map((each) => ({ ...each, role: roleOf(each) })) }
}

function flatProblem(problem: Problem): Problem {
  return { ...problem, detail: atTheTop(problem.detail) }
}

/** `roles[0].party_id: expected…` is of a member that the sender has at the top. */
function atTheTop(detail: string): string {
  return detail.replace('roles[0].', '')
}
