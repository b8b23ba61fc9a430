/** Which side of a module an endpoint is [version_information_endpoint: InterfaceRole enum]. */
export type InterfaceRole = 'SENDER' | 'RECEIVER'

/** Modules of the specification that are routed between parties, plus the roles that hold their interfaces. */
export const FUNCTIONAL_MODULES = [
  'cdrs',
  'chargingprofiles',
  'commands',
  'locations',
  'sessions',
  'tariffs',
  'tokens',
] as const

/**
 * Modules that came with 2.3.0. Their messages pass as they are between platforms that announce them. None has a fixed side: with reverse
 * billing, for one, it is the eMSP who sends invoices.
 */
export const MODULES_OF_NO_SIDE = ['invoicereconciliation', 'Booking', 'payments'] as const

/** Modules between a platform and the hub; never routed, never with routing headers [transport: Message Routing Headers]. */
export const CONFIGURATION_MODULES = ['versions', 'credentials', 'hubclientinfo'] as const

export function isConfigurationModule(module: string): boolean {
  return (CONFIGURATION_MODULES as readonly string[]).includes(module)
}

export function isFunctionalModule(module: string): boolean {
  return (FUNCTIONAL_MODULES as readonly string[]).includes(module)
}

function inLowerCase(modules: readonly string[]): readonly (readonly [string, string])[] {
  return modules.map((module) => [module.toLowerCase(), module])
}

const OF_ALL = new Map(inLowerCase([...FUNCTIONAL_MODULES, ...CONFIGURATION_MODULES]))
const OF_230: ReadonlyMap<string, string> = new Map([
  ...OF_ALL,
  ...inLowerCase(MODULES_OF_NO_SIDE),
  // The chapter names one, its URLs the other.
  ['bookings', 'Booking'],
])

/**
 * The identifier of a module of the specification, in whatever letter case it was written; any other as it was written: in a version before
 * 2.3.0 `bookings` is a custom module.
 */
export function knownModule(written: string, version: string): string {
  const known = version === '2.3.0' ? OF_230 : OF_ALL
  return known.get(written.toLowerCase()) ?? written
}

/**
 * A module identifier as it may stand in a path: what the specification lists or a custom one such as `nltnm-tokens`
 * [version_information_endpoint: Custom Modules]. Compared as written.
 */
export function isModuleIdentifier(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$/.test(text)
}

/** An endpoint from a platform's version details. `url` is as announced. */
export type Endpoint = { readonly identifier: string; readonly role: InterfaceRole; readonly url: string }

/** How an endpoint is looked up: `locations/SENDER`. */
export function endpointKey(module: string, role: InterfaceRole): string {
  return KNOWN_KEYS.get(module)?.[role] ?? `${module}/${role}`
}

/** Made once: every message looks up an endpoint, and a broadcast one for each partner. */
const KNOWN_KEYS: ReadonlyMap<string, Readonly<Record<InterfaceRole, string>>> = new Map(
  FUNCTIONAL_MODULES.map((module) => [module, { SENDER: `${module}/SENDER`, RECEIVER: `${module}/RECEIVER` }]),
)
