/** The cost before taxes of a session, a CDR or whatever has a `total_cost`, in whichever version it is written; null when there is none. */
export function costOf(object: object | undefined): number | null {
  const { total_cost: cost } = (object ?? {}) as { total_cost?: unknown }
  if (typeof cost === 'number') return cost
  const { excl_vat, before_taxes } = (cost ?? {}) as { excl_vat?: unknown; before_taxes?: unknown }
  return [excl_vat, before_taxes].find((amount): amount is number => typeof amount === 'number') ?? null
}
