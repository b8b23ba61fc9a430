import type { changePlatform } from '../../../api/platforms/platforms.ts'
import type { InputOf } from '../../api.ts'
import type { Form } from '../../form.ts'
import type { Platform } from '../../views.ts'

export type Change = NonNullable<InputOf<typeof changePlatform>['body']>
type Parties = NonNullable<Change['parties']>
type Delivery = NonNullable<Change['delivery']>

/** What stands in the fields of the form, of which only what differs from this is a change. */
export type Fields = Readonly<Record<(typeof FIELDS)[number], string>>

const FIELDS = [
  'name',
  'parties',
  'requests_per_second',
  'concurrency',
  'max_age_seconds',
  'after_offline',
  'broadcast_to',
  'token_encoding',
  'most_roles',
  'strict_authorization',
  'strict',
  'left_out_of_get_all',
  'hold',
] as const
const CHECKED = ['strict_authorization', 'strict', 'left_out_of_get_all', 'hold'] as const
const NUMBERS = ['requests_per_second', 'concurrency', 'max_age_seconds'] as const

export function fieldsOf(platform: Platform): Fields {
  const { name, delivery, token_encoding, most_roles } = platform
  return {
    name,
    parties: plannedOf(platform).join('\n'),
    requests_per_second: String(delivery.requests_per_second),
    concurrency: String(delivery.concurrency),
    max_age_seconds: String(delivery.max_age_seconds),
    after_offline: delivery.after_offline,
    broadcast_to: delivery.broadcast_to,
    token_encoding,
    most_roles: String(most_roles),
    strict_authorization: onOrOff(platform.strict_authorization),
    strict: onOrOff(platform.strict),
    left_out_of_get_all: onOrOff(platform.left_out_of_get_all),
    hold: onOrOff(platform.hold),
  }
}

/** What was typed; a box that is not checked is not sent. */
export function typedIn(form: Form): Fields {
  const entries = FIELDS.map((field): [string, string] => {
    const isBox = CHECKED.some((box) => box === field)
    return [field, isBox ? onOrOff(form.isChecked(field)) : form.text(field).trim().replaceAll('\r\n', '\n')]
  })
  return Object.fromEntries(entries) as Fields
}

/** The fields that were changed, as the API takes them: an empty number is the default of the hub. Null when there are none. */
export function changeOf(before: Fields, typed: Fields): Change | null {
  const differs = (field: keyof Fields) => typed[field] !== before[field]
  const numbers = NUMBERS.filter(differs).map((field) => [field, numberOf(typed[field])])
  const delivery: Delivery = {
    ...Object.fromEntries(numbers),
    ...(differs('after_offline') && { after_offline: typed.after_offline as NonNullable<Delivery['after_offline']> }),
    ...(differs('broadcast_to') && { broadcast_to: typed.broadcast_to as NonNullable<Delivery['broadcast_to']> }),
  }
  const change: Change = {
    ...(differs('name') && { name: typed.name }),
    ...(differs('parties') && { parties: typed.parties.split('\n').flatMap(partyIn) }),
    ...(Object.keys(delivery).length > 0 && { delivery }),
    ...(differs('token_encoding') && { token_encoding: typed.token_encoding as NonNullable<Change['token_encoding']> }),
    ...(differs('most_roles') && { most_roles: numberOf(typed.most_roles) }),
    ...Object.fromEntries(CHECKED.filter(differs).map((field) => [field, typed[field] === 'on'])),
  }
  return Object.keys(change).length === 0 ? null : change
}

/** Roles that are announced and not connected yet: the only ones that the form changes. */
function plannedOf({ parties }: Platform): string[] {
  return parties
    .filter(({ status }) => status === 'PLANNED')
    .map(({ country_code, party_id, role }) => `${country_code}-${party_id} ${role}`)
}

/** `NL-ABC CPO`; what is written otherwise the API refuses, with the number of its line. */
function partyIn(line: string): Parties {
  if (line.trim() === '') return []
  const [, country_code = line.trim(), party_id = '', role = ''] = /^\s*(..)[-*](\S+)\s+(\S+)\s*$/.exec(line) ?? []
  return [{ country_code, party_id, role: role.toUpperCase() as Parties[number]['role'] }]
}

function numberOf(text: string): number | null {
  return text === '' ? null : Number(text)
}

function onOrOff(is: boolean): string {
  return is ? 'on' : ''
}
