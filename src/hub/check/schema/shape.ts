/** What a field's value has to be. */
export type Type =
  /** At most so many characters; `ci`: printable ASCII, compared in any letter case. */
  | { readonly kind: 'string' | 'ci'; readonly most: number }
  | { readonly kind: 'number' | 'int' | 'boolean' }
  | { readonly kind: 'moment' | 'url' }
  | { readonly kind: 'enum'; readonly values: ReadonlySet<string> }
  | { readonly kind: 'object'; readonly shape: Shape }

/** How often: `1` once, `?` once or not, `*` a list that may be empty or not there, `+` a list of at least one. */
export type Field = { readonly type: Type; readonly often: '1' | '?' | '*' | '+' }

/** The fields of an object by name. */
export type Shape = Readonly<Record<string, Field>>

export const one = (type: Type): Field => ({ type, often: '1' })
export const maybe = (type: Type): Field => ({ type, often: '?' })
export const any = (type: Type): Field => ({ type, often: '*' })
export const some = (type: Type): Field => ({ type, often: '+' })

export const text = (most: number): Type => ({ kind: 'string', most })
export const ci = (most: number): Type => ({ kind: 'ci', most })
export const object = (shape: Shape): Type => ({ kind: 'object', shape })
/** @param values parted by spaces */
export const oneOf = (values: string): Type => ({ kind: 'enum', values: new Set(values.split(/\s+/)) })

export const NUMBER: Type = { kind: 'number' }
export const INT: Type = { kind: 'int' }
export const BOOLEAN: Type = { kind: 'boolean' }
export const MOMENT: Type = { kind: 'moment' }
export const URL_TEXT: Type = { kind: 'url' }

/** Fields with which the objects of all lists begin. */
export const OWNED: Shape = { country_code: one(ci(2)), party_id: one(ci(3)) }

export const PRICE = object({ excl_vat: one(NUMBER), incl_vat: maybe(NUMBER) })
export const DISPLAY_TEXT = object({ language: one(text(2)), text: one(text(512)) })
export const TOKEN_TYPE = oneOf('AD_HOC_USER APP_USER OTHER RFID')
