import { FUNCTIONAL_MODULES, type InterfaceRole, isFunctionalModule } from './modules.ts'
import type { Role } from './party.ts'

/**
 * The two sides of the market. CPOs stand on one; all who read their data and bring drivers stand on the other, OTHER
 * among them [transport_and_format: Broadcast Push].
 */
export type Side = 'cpo' | 'emsp'

export function sideOf(role: Role): Side {
  return role === 'CPO' ? 'cpo' : 'emsp'
}

/** Modules whose SENDER interface the eMSP side holds: it owns tokens, and it is who requests commands and profiles. */
const SENT_BY_EMSP_SIDE = new Set(['tokens', 'commands', 'chargingprofiles'])

/** Which side holds an interface; null for custom modules, of which the hub knows nothing. */
export function sideHolding(module: string, interfaceRole: InterfaceRole): Side | null {
  if (!isFunctionalModule(module)) return null
  const senderSide: Side = SENT_BY_EMSP_SIDE.has(module) ? 'emsp' : 'cpo'
  return interfaceRole === 'SENDER' ? senderSide : otherSide(senderSide)
}

/** The interfaces that one side holds, of each module one. */
export function interfacesOf(side: Side): { readonly identifier: string; readonly role: InterfaceRole }[] {
  return FUNCTIONAL_MODULES.map((identifier) => ({
    identifier,
    role: sideHolding(identifier, 'SENDER') === side ? 'SENDER' : 'RECEIVER',
  }))
}

export function otherSide(side: Side): Side {
  return side === 'cpo' ? 'emsp' : 'cpo'
}
