import { STATUSES } from './known-221.ts'
import { one, type Shape, values } from './rules.ts'

const IMAGE_CATEGORIES = ['CHARGER', 'ENTRANCE', 'LOCATION', 'NETWORK', 'OPERATOR', 'OTHER', 'OWNER']
const ENERGY_SOURCES = ['NUCLEAR', 'GENERAL_FOSSIL', 'COAL', 'GAS', 'GENERAL_GREEN', 'SOLAR', 'WIND', 'WATER']
const ENVIRONMENTAL_IMPACTS = ['NUCLEAR_WASTE', 'CARBON_DIOXIDE']

export const IMPACT_VALUES = values({ known: ENVIRONMENTAL_IMPACTS })
export const STATUS_VALUES = values({ known: STATUSES })

/** Shapes that all versions have alike: nothing happens to them but that values of none are told. */
export const ALIKE: Readonly<Record<string, Shape>> = {
  business: { members: { logo: one('image') } },
  image: { members: { category: values({ known: IMAGE_CATEGORIES }) } },
  'energy-source': { members: { source: values({ known: ENERGY_SOURCES }) } },
}
