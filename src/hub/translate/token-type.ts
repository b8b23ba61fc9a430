import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { type Carriage } from './carriage.ts'
import { type Facts, isAuthorize, type Leg } from './leg.ts'

const TYPE = /^type=(.*)$/i

/** Types of tokens that a version knows; of those not listed every type goes on. */
const KNOWN: Readonly<Record<string, ReadonlySet<string>>> = {
  [VERSION_211]: new Set(['RFID', 'OTHER']),
  '2.2.1': new Set(['AD_HOC_USER', 'APP_USER', 'OTHER', 'RFID']),
}

/**
 * The query of a request about a token in the receiver's version. From 2.2 on a token is known by uid and type, `?type=APP_USER`; 2.1.1
 * has the type in authorisations only. A type that the version does not have is OTHER, as in tokens themselves, and OTHER of 2.1.1 is the
 * type that such a token was shown with.
 */
export function queryFor(carriage: Carriage, { to, target }: Leg, { typeOfOther }: Facts): string {
  const { module, query, isLed } = carriage
  const known = KNOWN[to]
  if (isLed || module !== 'tokens' || query === '') return query
  const hasNoType = to === VERSION_211 && !isAuthorize(carriage) && carriage.method !== 'DELETE'
  const isSaid = (type: string) =>
    known === undefined || target.conversion?.extras === 'keep' || known.has(type.toUpperCase())
  const parameters = query.slice(1).split('&')
  const mapped = parameters.flatMap((parameter) => {
    const type = TYPE.exec(parameter)?.[1]
    if (type === undefined) return [parameter]
    if (hasNoType) return []
    if (typeOfOther !== undefined && isSaid(typeOfOther)) return [`type=${encodeURIComponent(typeOfOther)}`]
    return isSaid(type) ? [parameter] : ['type=OTHER']
  })
  return mapped.length === 0 ? '' : `?${mapped.join('&')}`
}
