import type { Cdr, Price, Session, Tariff } from '../objects.ts'
import { SHAPES_221, type Shapes } from './shapes.ts'

/** 2.3.0 names its taxes, in tariffs and in each price. */
export const SHAPES_230: Shapes = {
  ...SHAPES_221,
  tariff,
  session: ({ total_cost, ...session }: Session) => ({
    ...session,
    ...(total_cost && { total_cost: price(total_cost) }),
  }),
  cdr: ({ tariffs, total_cost, total_energy_cost, ...cdr }: Cdr) => ({
    ...cdr,
    tariffs: tariffs.map(tariff),
    total_cost: price(total_cost),
    total_energy_cost: price(total_energy_cost),
  }),
}

function tariff({ tax_included = 'NO', ...rest }: Tariff) {
  return { ...rest, tax_included }
}

function price({ excl_vat, incl_vat }: Price) {
  return { before_taxes: excl_vat, taxes: [{ name: 'VAT', amount: Math.round((incl_vat - excl_vat) * 100) / 100 }] }
}
