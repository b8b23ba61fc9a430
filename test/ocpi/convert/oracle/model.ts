/** What an object of a version may look like: all its members and all values of its enumerations. */
export type Model =
  | { readonly is: 'object'; readonly members: Readonly<Record<string, Member>> }
  | { readonly is: 'list'; readonly of: Model }
  | { readonly is: 'enum'; readonly values: readonly string[] }
  | { readonly is: 'value'; readonly value: unknown }

export type Member = { readonly model: Model; readonly isRequired: boolean }

/** An object with every member that it can have; lists of enumerations hold all values. */
export function full(model: Model): unknown {
  switch (model.is) {
    case 'object':
      return Object.fromEntries(Object.entries(model.members).map(([name, member]) => [name, full(member.model)]))
    case 'list':
      return model.of.is === 'enum' ? model.of.values : [full(model.of)]
    case 'enum':
      return model.values[0]
    case 'value':
      return model.value
  }
}

/** With no member that it can do without. */
export function least(model: Model): unknown {
  if (model.is === 'list') return [least(model.of)]
  if (model.is !== 'object') return full(model)
  const required = Object.entries(model.members).filter(([, { isRequired }]) => isRequired)
  return Object.fromEntries(required.map(([name, member]) => [name, least(member.model)]))
}

/** A value that no version has. */
export const OWN_VALUE = 'X_OWN'

/** The full object, once for each enumeration in it, with a partner's own value there; and where that is. */
export function withOwnValues(model: Model): { readonly object: unknown; readonly pointer: string }[] {
  return ownValues(model, '').map(({ value, pointer }) => ({ object: value, pointer }))
}

function ownValues(model: Model, at: string): { readonly value: unknown; readonly pointer: string }[] {
  switch (model.is) {
    case 'object': {
      const whole = full(model) as Record<string, unknown>
      return Object.entries(model.members).flatMap(([name, member]) =>
        ownValues(member.model, `${at}/${name}`).map(({ value, pointer }) => ({
          value: { ...whole, [name]: value },
          pointer,
        })),
      )
    }
    case 'list':
      return ownValues(model.of, `${at}/*`).map(({ value, pointer }) => ({ value: [value], pointer }))
    case 'enum':
      return [{ value: OWN_VALUE, pointer: at }]
    case 'value':
      return []
  }
}

/** Members that hold objects of kinds of their own: these are varied where they stand alone. */
const VARIED_ALONE = new Set(['evses', 'connectors', 'tariffs'])

/** The full object, then one for each further value of an enumeration in it, then the least one. */
export function variants(model: Model): unknown[] {
  return [full(model), ...others(model), least(model)]
}

function others(model: Model): unknown[] {
  switch (model.is) {
    case 'object': {
      const whole = full(model) as Record<string, unknown>
      return Object.entries(model.members).flatMap(([name, member]) =>
        VARIED_ALONE.has(name) ? [] : others(member.model).map((other) => ({ ...whole, [name]: other })),
      )
    }
    case 'list':
      return model.of.is === 'enum' ? [] : others(model.of).map((other) => [other])
    case 'enum':
      return model.values.slice(1)
    case 'value':
      return []
  }
}

/** What a member that is a string may say, by its name. */
export function sampleText(name: string, longest: number): string {
  return (SAMPLES[name] ?? name).slice(0, longest)
}

const SAMPLES: Readonly<Record<string, string>> = {
  latitude: '50.770774',
  longitude: '-126.104965',
  country_code: 'NL',
  party_id: 'TNM',
  country: 'NLD',
  currency: 'EUR',
  language: 'en',
  type: 'png',
  time_zone: 'Europe/Amsterdam',
  start_time: '09:00',
  end_time: '18:00',
  start_date: '2026-01-01',
  end_date: '2027-01-01',
  // Regular hours of a week; exceptional periods are timestamps.
  period_begin: '08:00',
  period_end: '20:00',
  reservation_id: '77',
}
