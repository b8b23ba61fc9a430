import { type Endpoint, endpointKey, type InterfaceRole, isModuleIdentifier } from './modules.ts'
import { isObject, kindOf, type Parsed, type Problem, parseHttpUrl, problem, show } from './parsed.ts'

/** A version a platform speaks, and where its details are [version_information_endpoint: Version class]. */
export type Version = { readonly version: string; readonly url: string }

/** What a platform offers in one version [version_information_endpoint: Version details endpoint]. */
export type VersionDetails = { readonly version: string; readonly endpoints: readonly Endpoint[] }

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

/** The entry for exactly this version, the first when it is listed twice; undefined when it is not offered. */
export function pickVersion(versions: readonly Version[], version: string): Version | undefined {
  return versions.find((candidate) => candidate.version === version)
}

/**
 * Reads the data of a version details answer. Of endpoints with the same module and role the first counts. The role of a
 * credentials endpoint means nothing and is given as SENDER. Endpoints that cannot be routed to are left out: without a
 * role, with a URL that is none or that has a query, with an impossible identifier.
 */
export function parseVersionDetails(data: unknown): Parsed<VersionDetails> {
  if (!isObject(data)) return problem('version details', 'an object', kindOf(data))
  const { version, endpoints } = data
  if (typeof version !== 'string') return problem('version', 'a string', kindOf(version))
  if (!Array.isArray(endpoints)) return problem('endpoints', 'a list', kindOf(endpoints))
  const found = new Map<string, Endpoint>()
  let firstProblem: Problem | null = null
  for (const [i, entry] of endpoints.entries()) {
    const parsed = parseEndpoint(entry, `endpoints[${i}]`)
    if (parsed.kind === 'problem') {
      firstProblem ??= parsed
      continue
    }
    const key = endpointKey(parsed.value.identifier, parsed.value.role)
    if (!found.has(key)) found.set(key, parsed.value)
  }
  if (found.size === 0 && firstProblem !== null) return firstProblem
  return { kind: 'ok', value: { version: version.trim(), endpoints: [...found.values()] } }
}

function parseVersion(entry: unknown, field: string): Parsed<Version> {
  if (!isObject(entry)) return problem(field, 'an object', kindOf(entry))
  if (typeof entry['version'] !== 'string') return problem(`${field}.version`, 'a string', kindOf(entry['version']))
  const url = parseHttpUrl(`${field}.url`, entry['url'])
  return url.kind === 'ok' ? { kind: 'ok', value: { version: entry['version'].trim(), url: url.value } } : url
}

function parseEndpoint(entry: unknown, field: string): Parsed<Endpoint> {
  if (!isObject(entry)) return problem(field, 'an object', kindOf(entry))
  const { identifier } = entry
  if (typeof identifier !== 'string' || !isModuleIdentifier(identifier)) {
    return problem(`${field}.identifier`, 'a module identifier', show(identifier))
  }
  const role = identifier === 'credentials' ? 'SENDER' : asInterfaceRole(entry['role'])
  if (role === null) return problem(`${field}.role`, 'SENDER or RECEIVER', show(entry['role']))
  const url = parseHttpUrl(`${field}.url`, entry['url'])
  if (url.kind === 'problem') return url
  if (/[?#]/.test(url.value)) return problem(`${field}.url`, 'no query and no fragment', 'one')
  return { kind: 'ok', value: { identifier, role, url: url.value } }
}

function asInterfaceRole(value: unknown): InterfaceRole | null {
  const role = typeof value === 'string' ? value.toUpperCase() : null
  return role === 'SENDER' || role === 'RECEIVER' ? role : null
}
