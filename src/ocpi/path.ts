import { roleHeldBy, VERSION_211 } from './dialect-211.ts'
import { FUNCTIONAL_MODULES, type InterfaceRole, isModuleIdentifier } from './modules.ts'

/** Anything but plain characters (so: control characters, `%`, a backslash), or a segment that begins with a dot. */
const NEEDS_A_CLOSER_LOOK = /[^ -$&-[\]-~\u0080-\uffff]|(?:^|\/)\./

const SLASH = 0x2f
const DOT = 0x2e
const PERCENT = 0x25
const BACKSLASH = 0x5c

/**
 * False for a path that a receiver could take for another one than the hub routed: one that, percent-decoded as often as it
 * decodes, holds a `.` or `..` segment (with or without `;parameters`) or a control character; or that holds a raw backslash.
 * Slashes and backslashes both part segments, since some receivers take one for the other: `%5C` inside an id passes,
 * `a%5C..%5Cb` does not. Escapes that are none (`%zz`) stand for themselves.
 *
 * Control characters are 00 to 1F and 7F. The C1 range is not among them: its values are also the second bytes of ordinary UTF-8.
 * ASCII spelt in two bytes (`%C0%AE` for a dot) is in no legal UTF-8 and refused.
 */
export function isSafePath(path: string): boolean {
  return !NEEDS_A_CLOSER_LOOK.test(path) || (!path.includes('\\') && isSafeWhenDecoded(decodeFully(path)))
}

/** A path with each run of slashes as one, `//a///b` as `/a/b`: partners join URLs that end in a slash with paths that begin with one. */
export function withSingleSlashes(path: string): string {
  return path.includes('//') ? path.replace(/\/{2,}/g, '/') : path
}

/**
 * The parts of a path beneath the relay: `/ocpi/{version}/{sender|receiver}/{module}{rest}`, or `/ocpi/{cpo|emsp}/2.1.1/{module}{rest}`.
 */
export type RelayPath = {
  /** As written, not yet known to be a version the hub speaks. */
  readonly version: string
  readonly interfaceRole: InterfaceRole
  readonly module: string
  /** The bytes after the module: empty, or from a slash on. */
  readonly rest: string
  /** As which the hub is called, in a path of the second form. */
  readonly side?: 'cpo' | 'emsp'
}

const SENDER = '/sender/'
const RECEIVER = '/receiver/'

/** Whether a path is beneath the relay, whatever version and module it names. */
export function isRelayPath(path: string): boolean {
  return endOfVersion(path) !== -1 || splitSidePath(path) !== null
}

/**
 * Takes a relay path apart without decoding anything, its module as written, `commandsSTART_SESSION` for one; null when it is
 * none, or names what can be no module.
 */
export function splitRelayPath(path: string): RelayPath | null {
  const versionEnd = endOfVersion(path)
  if (versionEnd === -1) return splitSidePath(path)
  const isSender = path.startsWith(SENDER, versionEnd)
  const moduleStart = versionEnd + (isSender ? SENDER : RECEIVER).length
  const slash = path.indexOf('/', moduleStart)
  const moduleEnd = slash === -1 ? path.length : slash
  const module = path.slice(moduleStart, moduleEnd)
  if (!isModuleIdentifier(module) && joinedModule(module) === undefined) return null
  return {
    version: path.slice(BASE.length, versionEnd),
    interfaceRole: isSender ? 'SENDER' : 'RECEIVER',
    module,
    rest: path.slice(moduleEnd),
  }
}

const AT_SIDES = (['cpo', 'emsp'] as const).map((side) => ({ side, base: `/ocpi/${side}/${VERSION_211}/` }))

/** A path of 2.1.1, where the side says which interface of a module is meant: its URLs have no roles. */
function splitSidePath(path: string): RelayPath | null {
  for (const { side, base } of AT_SIDES) {
    if (!path.startsWith(base)) continue
    const slash = path.indexOf('/', base.length)
    const moduleEnd = slash === -1 ? path.length : slash
    const module = path.slice(base.length, moduleEnd)
    const interfaceRole = roleHeldBy(side, joinedModule(module) ?? module)
    if (interfaceRole !== null)
      return { version: VERSION_211, interfaceRole, module, rest: path.slice(moduleEnd), side }
  }
  return null
}

/**
 * A relay path whose module's name runs into what follows it, taken apart there: `/commandsSTART_SESSION` is `commands` and
 * `/START_SESSION`, as the specification's own formula joins them [mod_commands: Receiver Interface]. Any other comes back as it is.
 */
export function withMissingSlash(path: RelayPath): RelayPath {
  const module = joinedModule(path.module)
  return module === undefined ? path : { ...path, module, rest: `/${path.module.slice(module.length)}${path.rest}` }
}

/** The functional module with whose name a longer segment begins. No module's name begins with another's. */
function joinedModule(segment: string): string | undefined {
  return FUNCTIONAL_MODULES.find((module) => segment.length > module.length && segment.startsWith(module))
}

const BASE = '/ocpi/'

/** The index of the slash behind the version in a relay path; -1 in any other. */
function endOfVersion(path: string): number {
  if (!path.startsWith(BASE)) return -1
  const end = path.indexOf('/', BASE.length)
  return end > BASE.length && (path.startsWith(SENDER, end) || path.startsWith(RECEIVER, end)) ? end : -1
}

/**
 * Character codes after decoding until nothing decodes any more. Escapes never overlap, so the order of decoding does not
 * matter, and one pass with a look back after each character does it all: a path of nested escapes costs no more than any other.
 */
function decodeFully(path: string): number[] {
  const out: number[] = []
  for (let i = 0; i < path.length; i++) {
    out.push(path.charCodeAt(i))
    for (let end = out.length; end >= 3 && out[end - 3] === PERCENT; end = out.length) {
      const high = hexDigit(out[end - 2] as number)
      const low = hexDigit(out[end - 1] as number)
      if (high === -1 || low === -1) break
      out.length = end - 2
      out[end - 3] = high * 16 + low
    }
  }
  return out
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

function isSafeWhenDecoded(codes: readonly number[]): boolean {
  // Dots at the beginning of the current segment; -1 once anything else stood in it.
  let dots = 0
  for (let i = 0; i <= codes.length; i++) {
    const code = i < codes.length ? (codes[i] as number) : SLASH
    if (code < 0x20 || code === 0x7f) return false
    if ((code === 0xc0 || code === 0xc1) && ((codes[i + 1] ?? 0) & 0xffc0) === 0x80) return false
    // A receiver that decodes once too often also ends the path at `?` or `#`.
    const partsSegments = code === SLASH || code === BACKSLASH
    const endsName = partsSegments || code === 0x3b || code === 0x3f || code === 0x23
    if (endsName && (dots === 1 || dots === 2)) return false
    if (partsSegments) dots = 0
    else if (code === DOT && dots !== -1 && dots < 3) dots++
    else dots = -1
  }
  return true
}
