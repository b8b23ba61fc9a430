import { type Endpoint, endpointKey, type InterfaceRole, isModuleIdentifier, knownModule } from './modules.ts'
import { isObject, kindOf, type Parsed, type Problem, parseHttpUrl, problem, quote, show } from './parsed.ts'

/** A version a platform speaks, and where its details are [version_information_endpoint: Version class]. */
export type Version = { readonly version: string; readonly url: string }

/** What a platform offers in one version [version_information_endpoint: Version details endpoint]. */
export type VersionDetails = {
  readonly version: string
  readonly endpoints: readonly Endpoint[]
  /** Of endpoints that cannot be routed to what is wrong with each. */
  readonly leftOut: readonly string[]
}

/**
 * Reads the data of a versions answer. Entries that make no sense are left out as long as one is left, so that a version
 * the hub does not speak spoils nothing.
 */
export function parseVersions(data: unknown): Parsed<readonly Version[]> {
  if (!Array.isArray(data)) return problem('versions', 'a list', kindOf(data))
  const versions: Version[] = []
  let firstProblem: Problem | null = null
  for (const [i, entry] of data.entries()) {
    const parsed = parseVersion(entry, `versions[${i}]`)
    if (parsed.kind === 'ok') versions.push(parsed.value)
    else firstProblem ??= parsed
  }
  if (versions.length > 0) return { kind: 'ok', value: versions }
  return firstProblem ?? problem('versions', 'at least one version', 'an empty list')
}

/** Versions whose messages a hub relays as it does those of another: all that changed between the two is inside of objects. */
const SERVED_AS: ReadonlyMap<string, string> = new Map([['2.2', '2.2.1']])

/**
 * The entry for exactly this version, or else for one that is served as it, the first when it is listed twice; undefined when it
 * is not offered.
 */
export function pickVersion(versions: readonly Version[], version: string): Version | undefined {
  return (
    versions.find((candidate) => candidate.version === version) ??
    versions.find((candidate) => SERVED_AS.get(candidate.version) === version)
  )
}

/**
 * Reads the data of a version details answer. Of endpoints with the same module and role the first counts. The role of a
 * credentials endpoint means nothing and is given as SENDER. Identifiers of the specification's modules are understood in any
 * letter case. Endpoints that cannot be routed to are left out, and named: without a role, with a URL that is none or that has a
 * query, with an impossible identifier.
 *
 * @param roleOf the role of a module's endpoint in a version whose endpoints say none (2.1.1); null: it has no such module
 */
export function parseVersionDetails(data: unknown, roleOf?: RoleOf): Parsed<VersionDetails> {
  if (!isObject(data)) return problem('version details', 'an object', kindOf(data))
  const { version, endpoints } = data
  if (typeof version !== 'string') return problem('version', 'a string', kindOf(version))
  if (!Array.isArray(endpoints)) return problem('endpoints', 'a list', kindOf(endpoints))
  const found = new Map<string, Endpoint>()
  const problems: Problem[] = []
  for (const [i, entry] of endpoints.entries()) {
    const parsed = parseEndpoint(entry, `endpoints[${i}]`, version.trim(), roleOf)
    if (parsed.kind === 'problem') {
      problems.push(parsed)
      continue
    }
    const key = endpointKey(parsed.value.identifier, parsed.value.role)
    if (!found.has(key)) found.set(key, parsed.value)
  }
  if (found.size === 0 && problems[0]) return problems[0]
  const leftOut = problems.map(({ detail }) => detail)
  return { kind: 'ok', value: { version: version.trim(), endpoints: [...found.values()], leftOut } }
}

function parseVersion(entry: unknown, field: string): Parsed<Version> {
  if (!isObject(entry)) return problem(field, 'an object', kindOf(entry))
  if (typeof entry['version'] !== 'string') return problem(`${field}.version`, 'a string', kindOf(entry['version']))
  const url = parseHttpUrl(`${field}.url`, entry['url'])
  return url.kind === 'ok' ? { kind: 'ok', value: { version: entry['version'].trim(), url: url.value } } : url
}

function parseEndpoint(entry: unknown, field: string, version: string, roleOf?: RoleOf): Parsed<Endpoint> {
  if (!isObject(entry)) return problem(field, 'an object', kindOf(entry))
  const { identifier: written } = entry
  if (typeof written !== 'string' || !isModuleIdentifier(written)) {
    return problem(`${field}.identifier`, 'a module identifier', show(written))
  }
  const identifier = knownModule(written, version)
  const role = identifier === 'credentials' ? 'SENDER' : roleOf ? roleOf(identifier) : asInterfaceRole(entry['role'])
  if (role === null && roleOf) return problem(`${field}.identifier`, 'a module of the version', quote(identifier))
  if (role === null) return problem(`${field}.role`, 'SENDER or RECEIVER', show(entry['role']))
  const url = parseHttpUrl(`${field}.url`, entry['url'])
  if (url.kind === 'problem') return url
  if (/[?#]/.test(url.value)) return problem(`${field}.url`, 'no query and no fragment', 'one')
  return { kind: 'ok', value: { identifier, role, url: url.value } }
}

type RoleOf = (identifier: string) => InterfaceRole | null

function asInterfaceRole(value: unknown): InterfaceRole | null {
  const role = typeof value === 'string' ? value.toUpperCase() : null
  return role === 'SENDER' || role === 'RECEIVER' ? role : null
}
