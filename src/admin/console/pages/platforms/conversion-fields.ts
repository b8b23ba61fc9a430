import type { changePlatform } from '../../../api/platforms/platforms.ts'
import type { InputOf } from '../../api.ts'
import type { Form } from '../../form.ts'
import type { Platform } from '../../views.ts'

type Change = NonNullable<NonNullable<InputOf<typeof changePlatform>['body']>['conversion']>
type Conversion = Platform['conversion']
type Name = keyof Conversion

/** A setting of how messages are converted, as the form asks for it. */
export type ConversionField = {
  readonly name: Name
  readonly label: string
  readonly hint: string
  readonly input: 'box' | 'text' | 'number' | readonly (readonly [value: string, text: string])[]
  /** Of what only platforms of 2.1.1 have. */
  readonly isOf211: boolean
}

export const CONVERSION_FIELDS: readonly ConversionField[] = [
  {
    name: 'extras',
    label: 'What its version does not have',
    hint: 'Members and values that came with other versions, or that a partner made up.',
    input: [
      ['drop', 'is left out'],
      ['keep', 'is sent all the same'],
    ],
    isOf211: false,
  },
  {
    name: 'tariff_loss',
    label: 'Tariffs that its version would price otherwise',
    hint: 'Such as one with a least price toward 2.1.1. Sent, drivers may see another price than they pay.',
    input: [
      ['withhold', 'are withheld'],
      ['send', 'are sent without what cannot be said'],
    ],
    isOf211: false,
  },
  {
    name: 'tells_losses',
    label: 'Tell it in answers what was lost',
    hint: 'In the status_message of answers to its requests.',
    input: 'box',
    isOf211: false,
  },
  {
    name: 'counterparty',
    label: 'One counterparty',
    hint: 'Such as NL-ABC: the only party it has to do with. Empty: all, by one connection. Holds from the handshake on.',
    input: 'text',
    isOf211: true,
  },
  {
    name: 'ids',
    label: 'Ids of objects reach it',
    hint: 'With the party before them no two parties have an object of the same id. Holds from the handshake on.',
    input: [
      ['', 'as its side needs it: with the party before them toward an eMSP of all parties'],
      ['prefixed', 'with the party before them, NLABC.LOC1'],
      ['as-sent', 'as the owner sent them'],
    ],
    isOf211: true,
  },
  {
    name: 'owner_in_url',
    label: 'URLs of pushes to it name',
    hint: 'A partner that answers 404 where it does not know the party needs the hub there.',
    input: [
      ['owner', "the owner's party"],
      ['hub', 'the hub'],
    ],
    isOf211: true,
  },
  {
    name: 'owner_members',
    label: 'Say in its objects whose they are',
    hint: 'With country_code and party_id, which 2.1.1 does not have.',
    input: 'box',
    isOf211: true,
  },
  {
    name: 'reference_member',
    label: 'authorization_reference is called',
    hint: 'Such as authorization_id, in its sessions, CDRs and authorisations. Empty: it is left out.',
    input: 'text',
    isOf211: true,
  },
  {
    name: 'signed_data',
    label: 'Send signed_data in CDRs',
    hint: 'Calibration law may ask for it. 2.1.1 does not have it.',
    input: 'box',
    isOf211: true,
  },
  {
    name: 'credit',
    label: 'Credit CDRs',
    hint: '2.1.1 has none: the amounts are negative.',
    input: [
      ['remark', 'say so in their remark'],
      ['withhold', 'are withheld'],
    ],
    isOf211: true,
  },
  {
    name: 'time_zone',
    label: 'Time zone of its Locations',
    hint: 'Such as Europe/Amsterdam, where they name none. Empty: by their country, else UTC.',
    input: 'text',
    isOf211: true,
  },
  {
    name: 'vat',
    label: 'VAT of its prices, in percent',
    hint: 'Such as 21. Empty: not said to others.',
    input: 'text',
    isOf211: true,
  },
  {
    name: 'command_timeout',
    label: 'Its commands end within, in seconds',
    hint: 'What senders of commands are told to wait for. Empty: 30.',
    input: 'number',
    isOf211: true,
  },
]

/** Those that matter to a platform; before its handshake it may come to be of any version. */
export function fieldsFor({ version }: Platform): readonly ConversionField[] {
  return version === null || version === '2.1.1'
    ? CONVERSION_FIELDS
    : CONVERSION_FIELDS.filter((field) => !field.isOf211)
}

/** What stands in the fields of the form: a box is `on` or empty. */
export type Typed = Readonly<Record<string, string>>

export function typedOf(platform: Platform): Typed {
  return Object.fromEntries(fieldsFor(platform).map(({ name }) => [name, shown(platform.conversion[name])]))
}

export function typedIn(platform: Platform, form: Form): Typed {
  const fields = fieldsFor(platform)
  return Object.fromEntries(
    fields.map(({ name, input }) => [name, input === 'box' ? shown(form.isChecked(name)) : form.text(name).trim()]),
  )
}

/** The fields that were changed, as the API takes them; null when there are none. */
export function changeOf(platform: Platform, typed: Typed, preset: string): Change | null {
  const before = typedOf(platform)
  const changed = fieldsFor(platform).filter(({ name }) => typed[name] !== before[name])
  const change = Object.fromEntries(changed.map(({ name, input }) => [name, valueOf(input, typed[name] ?? '')]))
  if (preset !== '') return { preset, ...change } as Change
  return changed.length === 0 ? null : (change as Change)
}

function valueOf(input: ConversionField['input'], text: string): string | number | boolean | null {
  if (input === 'box') return text === 'on'
  if (text === '') return null
  return input === 'number' ? Number(text) : text
}

function shown(value: string | number | boolean | null): string {
  if (typeof value === 'boolean') return value ? 'on' : ''
  return value === null ? '' : String(value)
}
