import { describe, expect, it } from 'vitest'
import { type Context, DEFAULT_CONVERSION, type Kind, type Remark } from '../../../src/ocpi/convert/conversion.ts'
import { convertObject } from '../../../src/ocpi/convert/convert.ts'
import { examples, read, toBytes, without } from './oracle/fixtures.ts'
import { faultsOf } from './oracle/judge.ts'

type Json = Record<string, unknown>

const CONTEXT: Context = {
  settings: DEFAULT_CONVERSION,
  sourceSettings: DEFAULT_CONVERSION,
  owner: { countryCode: 'BE', partyId: 'BEC' },
  counterpart: { countryCode: 'DE', partyId: 'MSP' },
  now: () => '2026-03-03T10:00:00Z',
}

function convert(kind: Kind, object: unknown, from: string, to: string, context: Partial<Context> = {}) {
  const bytes = object instanceof Uint8Array ? object : toBytes(object)
  const converted = convertObject(bytes, { kind, isPatch: false }, from, to, { ...CONTEXT, ...context })
  if (converted.kind === 'converted')
    return { object: read(converted.bytes), remarks: converted.remarks, bytes: converted.bytes }
  throw new Error(`${converted.kind}: ${'why' in converted ? converted.why : converted.members}`)
}

const up = (kind: Kind, object: unknown, context: Partial<Context> = {}) =>
  convert(kind, object, '2.1.1', '2.2.1', context)
const down = (kind: Kind, object: unknown, context: Partial<Context> = {}) =>
  convert(kind, object, '2.2.1', '2.1.1', context)

const settings = (some: Partial<typeof DEFAULT_CONVERSION>) => ({ settings: { ...DEFAULT_CONVERSION, ...some } })
const source = (some: Partial<typeof DEFAULT_CONVERSION>) => ({ sourceSettings: { ...DEFAULT_CONVERSION, ...some } })
const told = (remarks: readonly Remark[]) => remarks.map(({ fate, pointer }) => `${fate} ${pointer}`)

/** The Location of the official examples of 2.2.1, and that of their Sessions and CDR, as a hub has seen them. */
function seen(id: string): Uint8Array | null {
  const location = examples('2.2.1').find(({ name }) => name === 'location_example')
  const object = read(location?.bytes as Uint8Array)
  const [evse] = object['evses'] as [Json]
  const [connector] = evse['connectors'] as [Json]
  return toBytes({ ...object, id, evses: [{ ...evse, uid: '3256', connectors: [connector] }] })
}

describe('official examples of 2.1.1 in 2.2.1', () => {
  it('are good, but for two that were faulty before', () => {
    const whole = examples('2.1.1').filter(({ kind }) => kind !== 'evse')
    const faulty = whole.filter(({ kind, bytes }) => faultsOf('2.2.1', kind, up(kind, bytes).object).length > 0)
    expect(whole).toHaveLength(16)
    expect(faulty.map(({ name }) => name)).toEqual(['cdr_example', 'tariff_put_example'])
  })

  it('come back as they were, with a time zone', () => {
    for (const { name, kind, bytes } of examples('2.1.1')) {
      const before = read(bytes)
      const inner = before['location'] as Json | undefined
      const locationOf = inner && (() => up('location', inner).bytes)
      const there = up(kind, bytes)
      const back = down(kind, there.bytes, { ...settings({ ownerMembers: false }), ...(locationOf && { locationOf }) })
      expect(withoutZone(back.object), name).toEqual(withoutZone(threeLetters(before)))
    }
  })
})

function withoutZone({ location, ...object }: Json): Json {
  const inner = location === undefined ? {} : { location: withoutZone(location as Json) }
  return { ...without(object, 'time_zone'), ...inner }
}

/** The examples have `BE` for Belgium; and a bill has no room for the tariff of the connector. */
function threeLetters(object: Json): Json {
  const location = object['location'] as Json | undefined
  if (location === undefined) return object
  const isCdr = object['total_energy'] !== undefined
  const text = JSON.stringify({ ...location, country: 'BEL' })
  return { ...object, location: JSON.parse(isCdr ? text.replace('"tariff_id":"11",', '') : text) as Json }
}

describe('official examples of 2.2.1 in 2.1.1', () => {
  it('are good, or withheld', () => {
    const outcomes = examples('2.2.1').map(({ name, kind, bytes }) => {
      const context = { ...CONTEXT, ...settings({ ownerMembers: false }), locationOf: seen }
      const converted = convertObject(bytes, { kind, isPatch: false }, '2.2.1', '2.1.1', context)
      if (converted.kind !== 'converted') return `${name}: ${converted.kind}`
      const [fault] = faultsOf('2.1.1', kind, read(converted.bytes))
      return fault === undefined ? 'good' : `${name}: ${fault}`
    })
    expect(outcomes.filter((outcome) => outcome !== 'good')).toEqual([
      'location_example_uc3_destination_charger_not_published: withheld',
      'location_example_uc4_limited_visibility: withheld',
      'location_example_uc5_home_charge_point: withheld',
      'tariff_11_not_possible_alt_text: withheld',
      'tariff_12_025kwh_min_price: withheld',
      'tariff_2_alt_text: withheld',
      'tariff_3_alt_url: withheld',
      'tariff_4_complex: withheld',
      'tariff_6_025kwh_start_max_price: withheld',
      // It has none in 2.2.1 either.
      'tariff_put_example: /last_updated: missing',
    ])
  })
})

const LOCATION = {
  id: 'LOC1',
  type: 'UNKNOWN',
  address: 'Street 1',
  city: 'Gent',
  postal_code: '9000',
  country: 'BEL',
  coordinates: { latitude: '51.047599', longitude: '3.729944' },
  last_updated: '2026-01-01T00:00:00',
}

describe('a Location of 2.1.1', () => {
  it('is in the time zone of its platform, else of its country, else in UTC', () => {
    const zone = (country: string, some = {}) =>
      up('location', { ...LOCATION, country }, source(some)).object['time_zone']
    expect(zone('BEL')).toBe('Europe/Brussels')
    expect(zone('BE')).toBe('Europe/Brussels')
    expect(zone('USA')).toBe('UTC')
    expect(zone('BEL', { timeZone: 'Europe/Paris' })).toBe('Europe/Paris')
    expect(up('location', { ...LOCATION, time_zone: 'Europe/Rome' }).object['time_zone']).toBe('Europe/Rome')
  })

  it('has times in UTC, a country of three letters, and nothing that is null', () => {
    const { object, remarks } = up('location', { ...LOCATION, country: 'be', related_locations: null })
    expect(object).toMatchObject({ country: 'BEL', last_updated: '2026-01-01T00:00:00Z', publish: true })
    expect(object).not.toHaveProperty('related_locations')
    expect(told(remarks)).toContain('changed /last_updated')
  })

  it('has no type of parking in 2.2.1 where it has none', () => {
    expect(up('location', LOCATION).object).not.toHaveProperty('parking_type')
    expect(told(up('location', { ...LOCATION, type: 'OTHER' }).remarks)).toContain('lost /type')
    expect(told(up('location', LOCATION).remarks)).not.toContain('lost /type')
  })

  it('tells ids that 2.2.1 has shorter, and carries them whole', () => {
    const id = 'x'.repeat(38)
    const { object, remarks } = up('location', { ...LOCATION, id })
    expect(object['id']).toBe(id)
    expect(told(remarks)).toContain('unknown /id')
    expect(told(up('evse', { uid: id }).remarks)).toContain('unknown /uid')
    expect(told(up('evse', { uid: 'x'.repeat(36) }).remarks)).toEqual([])
  })
})

describe('a Location of 2.2.1', () => {
  const whole = { ...LOCATION, type: undefined, publish: true, country_code: 'BE', party_id: 'BEC' }

  it('has coordinates of exactly six decimals in 2.1.1', () => {
    const at = (latitude: string) =>
      down('location', { ...whole, coordinates: { latitude, longitude: '-0.00001' } }).object['coordinates'] as Json
    expect(at('51.04759')).toEqual({ latitude: '51.047590', longitude: '-0.000010' })
    expect(at('-9.9999996')['latitude']).toBe('-10.000000')
    expect(at('north')['latitude']).toBe('north')
    const near = { latitude: '51.1', longitude: '3.1234567' }
    const places = { related_locations: [near], evses: [{ uid: '1', coordinates: near, connectors: [{ id: '1' }] }] }
    const { object, remarks } = down('location', { ...whole, ...places })
    const padded = { latitude: '51.100000', longitude: '3.123457' }
    expect(object).toMatchObject({ related_locations: [padded], evses: [{ coordinates: padded }] })
    const changed = ['changed /related_locations/*/longitude', 'changed /evses/*/coordinates/longitude']
    expect(told(remarks)).toEqual(expect.arrayContaining(changed))
  })

  it('tells an address that 2.1.1 has shorter, and carries it whole', () => {
    const address = 'x'.repeat(46)
    const { object, remarks } = down('location', { ...whole, address })
    expect(object['address']).toBe(address)
    expect(told(remarks)).toContain('unknown /address')
  })

  it('has either its hours or that it never closes', () => {
    const hours = (opening_times: Json) => down('location', { ...whole, opening_times }).object['opening_times']
    const regular_hours = [{ weekday: 1, period_begin: '08:00', period_end: '20:00' }]
    expect(hours({ twentyfourseven: false, regular_hours })).toEqual({ regular_hours })
    expect(hours({ twentyfourseven: true, regular_hours })).toEqual({ twentyfourseven: true })
  })

  it('has its owner in it, unless its platform wants none', () => {
    expect(down('location', whole).object).toMatchObject({ country_code: 'BE', party_id: 'BEC' })
    const { object, remarks } = down('location', whole, settings({ ownerMembers: false }))
    expect(object).not.toHaveProperty('party_id')
    expect(told(remarks)).toContain('lost /party_id')
  })

  it('has a postal code and a type, since 2.1.1 asks for them', () => {
    const { object, remarks } = down('location', { ...whole, postal_code: null })
    expect(object).toMatchObject({ postal_code: '-', type: 'UNKNOWN' })
    expect(told(remarks)).toEqual(expect.arrayContaining(['invented /postal_code', 'invented /type']))
  })

  it('is withheld while it is not to be shown, whatever else is kept', () => {
    for (const publish of [false, null, undefined, 'true', 'no']) {
      const hidden = { ...whole, publish }
      expect(() => down('location', hidden, settings({ extras: 'keep' }))).toThrow(/withheld.*not to be shown/)
    }
  })

  it('names of several tariffs of a connector one that is not withheld', () => {
    const connector = { id: '1', tariff_ids: ['A', 'B', 'C'] }
    const chosen = (isWithheldTariff?: (id: string) => boolean | null) =>
      down('connector', connector, isWithheldTariff && { isWithheldTariff }).object['tariff_id']
    expect(chosen()).toBe('A')
    expect(chosen((id) => id === 'A')).toBe('B')
    expect(chosen((id) => (id === 'A' ? true : id === 'B' ? null : false))).toBe('C')
    expect(chosen(() => true)).toBeUndefined()
  })
})

describe('a token', () => {
  const TOKEN = { uid: '1', type: 'RFID', auth_id: 'C1', issuer: 'I', valid: true, whitelist: 'NEVER' }
  const authorization = { allowed: 'NO_CREDIT', location: { location_id: 'L', connector_ids: ['1'] } }

  it('that 2.1.1 does not say in an authorisation is one never to be kept', () => {
    const { object } = up('authorization', authorization, { asked: { uid: 'abc', type: null } })
    expect(object).toEqual({
      allowed: 'NO_CREDIT',
      location: { location_id: 'L' },
      token: {
        country_code: 'DE',
        party_id: 'MSP',
        uid: 'abc',
        type: 'RFID',
        contract_id: '#NA',
        issuer: 'DE-MSP',
        valid: false,
        whitelist: 'NEVER',
        last_updated: CONTEXT.now(),
      },
    })
  })

  it('of an app is OTHER in 2.1.1, and told', () => {
    const { object, remarks } = down('token', { ...TOKEN, auth_id: undefined, contract_id: 'C1', type: 'APP_USER' })
    expect(object).toMatchObject({ type: 'OTHER', auth_id: 'C1' })
    expect(told(remarks)).toContain('changed /type')
  })
})

describe('a price of 2.1.1', () => {
  it('bears the VAT of its platform, else it is told that nothing says so', () => {
    const tariff = { id: '1', elements: [{ price_components: [{ type: 'TIME', price: 2, step_size: 60 }] }] }
    const vatOf = ({ object }: { object: Json }) =>
      (object as { elements: { price_components: Json[] }[] }).elements[0]?.price_components[0]?.['vat']
    expect(vatOf(up('tariff', tariff, source({ vat: '5.5' })))).toBe(5.5)
    expect(vatOf(up('tariff', tariff))).toBeUndefined()
    expect(told(up('tariff', tariff).remarks)).toContain('changed /elements/*/price_components/*/vat')
  })
})

describe('a reference to an authorisation', () => {
  const session = { authorization_reference: 'R1', kwh: 1 }
  const agreed = { referenceMember: 'authorization_id' }

  it('is carried in 2.1.1 under the name that was agreed on, and comes back', () => {
    const { object } = down('authorization', { allowed: 'ALLOWED', authorization_reference: 'R1' }, settings(agreed))
    expect(object).toEqual({ allowed: 'ALLOWED', authorization_id: 'R1' })
    for (const kind of ['session', 'cdr', 'authorization'] as const)
      expect(up(kind, { authorization_id: 'R1' }, source(agreed)).object['authorization_reference']).toBe('R1')
  })

  it('is lost otherwise, and told', () => {
    const { object, remarks } = down('start-session', session)
    expect(object).toEqual({})
    expect(told(remarks)).toContain('lost /authorization_reference')
  })
})

describe('a Session', () => {
  it('keeps a cost that is a Price already, as some send it', () => {
    const { object } = up('session', { id: 'S1', total_cost: { excl_vat: 1.1, incl_vat: 1.33 } })
    expect(object['total_cost']).toEqual({ excl_vat: 1.1, incl_vat: 1.33 })
  })

  const session = { id: 'S1', auth_id: 'C1', location: LOCATION, total_cost: 1.1, last_updated: '2026-01-01T00:00:00Z' }

  it('of 2.1.1 has the token that its auth_id was seen with', () => {
    const tokenOf = () => ({ countryCode: 'FR', partyId: 'EMP', uid: 'U1', type: 'APP_USER' })
    const { object, bytes } = up('session', session, { tokenOf })
    expect(object['cdr_token']).toEqual({
      country_code: 'FR',
      party_id: 'EMP',
      uid: 'U1',
      type: 'APP_USER',
      contract_id: 'C1',
    })
    expect(object).toMatchObject({ location_id: 'LOC1', evse_uid: '#NA', connector_id: '#NA' })
    expect(Buffer.from(bytes).toString()).toContain('"total_cost":{"excl_vat":1.1}')
  })

  it('of 2.1.1 is told where its token was never seen', () => {
    const { object, remarks } = up('session', session)
    expect(object['cdr_token']).toMatchObject({ country_code: 'DE', party_id: 'MSP', uid: '#NA', type: 'OTHER' })
    expect(told(remarks)).toContain('invented /cdr_token/uid')
  })

  it('of 2.2.1 cannot be said in 2.1.1 without its Location', () => {
    const [example] = examples('2.2.1').filter(({ kind }) => kind === 'session')
    const carried = { kind: 'session', isPatch: false } as const
    const bytes = example?.bytes as Uint8Array
    expect(convertObject(bytes, carried, '2.2.1', '2.1.1', CONTEXT)).toEqual({
      kind: 'needs-rest',
      members: ['location'],
    })
    const { object } = down('session', bytes, { locationOf: seen })
    expect(object['location']).toMatchObject({ id: 'LOC1', evses: [{ uid: '3256', connectors: [{ id: '1' }] }] })
  })
})

describe('a CDR of 2.2.1 in 2.1.1', () => {
  const example = () => read(examples('2.2.1').find(({ kind }) => kind === 'cdr')?.bytes as Uint8Array)

  it('arrives though its Location was never seen, with what had to be invented told', () => {
    const { object, remarks } = down('cdr', example())
    expect(faultsOf('2.1.1', 'cdr', object)).toEqual(foreignOwner(object))
    expect(told(remarks)).toEqual(
      expect.arrayContaining([
        'invented /location/type',
        'invented /location/evses/*/status',
        'invented /location/evses/*/connectors/*/voltage',
      ]),
    )
  })

  it('has what was seen of its Location, and what it says itself', () => {
    const { object } = down('cdr', example(), { locationOf: seen })
    expect(object['location']).toMatchObject({
      type: 'ON_STREET',
      evses: [{ evse_id: 'BE*BEC*E041503003', status: 'AVAILABLE', connectors: [{ voltage: 220, amperage: 16 }] }],
    })
  })

  it('says in its remark that it takes another back, or is withheld where that is wished', () => {
    const credit = { ...example(), credit: true, credit_reference_id: 'CDR1' }
    expect(down('cdr', credit).object['remark']).toBe('[credit of CDR1]')
    expect(down('cdr', { ...credit, remark: 'sorry' }).object['remark']).toBe('[credit of CDR1] sorry')
    const long = 'x'.repeat(250)
    expect(down('cdr', { ...credit, remark: long }).object['remark']).toBe(long)
    expect(() => down('cdr', credit, settings({ credit: 'withhold' }))).toThrow(/withheld.*credit/)
  })

  it('has the tariffs that held when it began, and not those that cannot be said', () => {
    const [tariff] = example()['tariffs'] as Json[]
    const tariffs = [
      { ...tariff, id: 'then', end_date_time: '2016-01-01T00:00:00Z' },
      { ...tariff, id: 'before', end_date_time: '2015-01-01T00:00:00Z' },
      { ...tariff, id: 'ad hoc', type: 'AD_HOC_PAYMENT' },
    ]
    const { object, remarks } = down('cdr', { ...example(), tariffs })
    expect((object['tariffs'] as Json[]).map(({ id }) => id)).toEqual(['then'])
    expect(told(remarks)).toEqual(expect.arrayContaining(['withheld /tariffs/*', 'lost /tariffs/*/end_date_time']))
  })

  it('tells an id that 2.1.1 has shorter, and carries it whole', () => {
    const id = 'x'.repeat(37)
    const { object, remarks } = down('cdr', { ...example(), id })
    expect(object['id']).toBe(id)
    expect(told(remarks)).toContain('unknown /id')
  })

  it('has at least one period', () => {
    const start_date_time = '2015-06-29T21:39:09Z'
    const charging_periods = [{ start_date_time, dimensions: [{ type: 'RESERVATION_TIME', volume: 1 }] }]
    const { object, remarks } = down('cdr', { ...example(), charging_periods })
    expect(object['charging_periods']).toEqual([{ start_date_time, dimensions: [{ type: 'TIME', volume: 1.973 }] }])
    expect(told(remarks)).toContain('invented /charging_periods/*')
  })

  it('has signed data where that is wished', () => {
    const signed = { ...example(), signed_data: { encoding_method: 'OCMF' } }
    expect(down('cdr', signed).object).not.toHaveProperty('signed_data')
    expect(down('cdr', signed, settings({ signedData: true })).object).toHaveProperty('signed_data')
  })
})

/** Faults of a good object that has its owner in it. */
function foreignOwner(object: Json): string[] {
  const tariffs = (object['tariffs'] as unknown[]).flatMap((_, i) => [
    `/tariffs/${i}/country_code: foreign`,
    `/tariffs/${i}/party_id: foreign`,
  ])
  return ['/country_code: foreign', '/party_id: foreign', ...tariffs]
}

describe('a command', () => {
  it('has a number for a reservation in 2.1.1: its own, one that was given to it, else always the same', () => {
    const number = (reservation_id: string, context: Partial<Context> = {}) =>
      down('reserve-now', { reservation_id }, context).object['reservation_id']
    expect(number('77')).toBe(77)
    expect(number('077', { numberFor: () => 5 })).toBe(5)
    expect(number('r-77')).toBe(number('r-77'))
    expect(number('r-77')).not.toBe(number('r-78'))
    expect(up('reserve-now', { reservation_id: 77 }).object['reservation_id']).toBe('77')
  })

  it('to start names the connector when the EVSE has only one', () => {
    const command = { location_id: 'LOC1', evse_uid: '3256' }
    expect(up('start-session', command, { locationOf: seen }).object['connector_id']).toBe('1')
    expect(up('start-session', command).object).not.toHaveProperty('connector_id')
  })

  it('is answered in 2.2.1 with a timeout, also by partners that answer with a bare word', () => {
    expect(up('command-response', Buffer.from('"ACCEPTED"'), source({ commandTimeout: 45 })).object).toEqual({
      result: 'ACCEPTED',
      timeout: 45,
    })
    expect(up('command-response', { result: 'TIMEOUT' }).object).toMatchObject({
      result: 'REJECTED',
      message: [{ language: 'en', text: 'TIMEOUT' }],
    })
    expect(up('command-result', { result: 'TIMEOUT' }).object).toEqual({ result: 'TIMEOUT' })
    expect(up('command-result', { result: 'UNKNOWN_SESSION' }).object).toEqual({
      result: 'REJECTED',
      message: [{ language: 'en', text: 'UNKNOWN_SESSION' }],
    })
    expect(down('command-result', { result: 'EVSE_OCCUPIED', message: [] }).object).toEqual({ result: 'REJECTED' })
  })
})

describe('a value that no version has', () => {
  it.each<[Kind, Json, string]>([
    ['evse', { status: 'MELTED' }, '/status'],
    ['connector', { standard: 'OWN_PLUG' }, '/standard'],
    ['token', { type: 'TATTOO' }, '/type'],
    ['session', { status: 'DREAMT' }, '/status'],
    ['evse', { capabilities: ['OWN_CAPABILITY'] }, '/capabilities/*'],
  ])('passes in %s %j both ways, and is told', (kind, object, pointer) => {
    for (const convert of [up, down]) {
      const { object: there, remarks } = convert(kind, object)
      expect(there).toMatchObject(object)
      expect(told(remarks)).toContain(`unknown ${pointer}`)
    }
  })
})
