import { BOOLEAN, ci, MOMENT, maybe, OWNED, object, one, oneOf, type Shape, TOKEN_TYPE, text } from './shape.ts'

// [mod_tokens: Object description; mod_cdrs: CdrToken]

export const TOKEN: Shape = {
  ...OWNED,
  uid: one(ci(36)),
  type: one(TOKEN_TYPE),
  contract_id: one(ci(36)),
  visual_number: maybe(text(64)),
  issuer: one(text(64)),
  group_id: maybe(ci(36)),
  valid: one(BOOLEAN),
  whitelist: one(oneOf('ALWAYS ALLOWED ALLOWED_OFFLINE NEVER')),
  language: maybe(text(2)),
  default_profile_type: maybe(oneOf('CHEAP FAST GREEN REGULAR')),
  energy_contract: maybe(object({ supplier_name: one(text(64)), contract_id: maybe(text(64)) })),
  last_updated: one(MOMENT),
}

/** A token as sessions and CDRs name it. */
export const CDR_TOKEN = object({
  ...OWNED,
  uid: one(ci(36)),
  type: one(TOKEN_TYPE),
  contract_id: one(ci(36)),
})
