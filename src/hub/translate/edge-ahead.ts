import type { Kind } from '../../ocpi/convert/conversion.ts'
import type { Party } from '../../ocpi/party.ts'
import { isAggregated } from '../network/edge.ts'
import type { Platform } from '../network/routing-table.ts'
import type { Aliases, Contracts, Operators } from './edge-ports.ts'

/** What objects need that is not known in this process: looked up for all of them before any is read. */
export type LookAhead = (objects: readonly Uint8Array[]) => Promise<void> | null

const AUTH_ID = /"(?:auth_id|contract_id)"\s*:\s*("(?:[^"\\]|\\.)*")/g
/** Whatever has the form of an alias that is kept. */
const KEPT_ALIAS = /"([A-Z0-9]{0,5}![A-Za-z0-9_-]{26})"/g

const decoder = new TextDecoder()

/**
 * Looks up the contracts that sessions, CDRs and tokens name. One that is written so that it is not found stays unknown, and with that what
 * it is in stays where it is.
 */
export function contractsIn(contracts: Pick<Contracts, 'lookUp'>): LookAhead {
  return (objects) => {
    const found = objects.flatMap((object) =>
      Array.from(decoder.decode(object).matchAll(AUTH_ID), ([, literal = '']) => readLiteral(literal)).flat(),
    )
    return contracts.lookUp(found)
  }
}

/** Looks up what ids in objects stand for. */
export function aliasesIn(aliases: Pick<Aliases, 'lookUp'>): LookAhead {
  return (objects) =>
    aliases.lookUp(
      objects.flatMap((object) => Array.from(decoder.decode(object).matchAll(KEPT_ALIAS), ([, alias = '']) => alias)),
    )
}

/** Looks up the operators of Locations, for a platform that would take the hub for it of each that names none. Never rejects. */
export function operatorsToward(
  operators: Operators,
  target: Platform,
  kind: Kind,
  owners: readonly Party[],
): Promise<void> | null {
  return kind === 'location' && isAggregated(target) ? operators.lookUp(owners) : null
}

function readLiteral(literal: string): string[] {
  try {
    return [JSON.parse(literal) as string]
  } catch {
    return []
  }
}
