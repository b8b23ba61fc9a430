import { afterAll, describe, expect, test } from 'vitest'
import { createCpo } from '../../src/demo/partners/cpo.ts'
import type { OcpiVersion } from '../../src/demo/partners/dialect.ts'
import { createEmsp } from '../../src/demo/partners/emsp.ts'
import type { Kind } from '../../src/ocpi/convert/conversion.ts'
import { faultsOf } from '../ocpi/convert/oracle/judge.ts'

const CPO = { country_code: 'BE', party_id: 'CPD' }
const EMSP = { country_code: 'NO', party_id: 'EMC' }
const closing: (() => Promise<void>)[] = []
afterAll(async () => void (await Promise.all(closing.map((close) => close()))))

/** A CPO and an eMSP of one version, connected without a hub, after a whole charging session. */
async function charged(version: OcpiVersion) {
  const authorizations: string[] = []
  const common = { version, observe: () => undefined }
  const cpo = createCpo({ ...common, name: 'Schelde', party: CPO, country: 'BE', stationDelayMs: 0 })
  const emsp = createEmsp({ ...common, name: 'Fjord', party: EMSP })
  closing.push(emsp.close, cpo.close)
  await Promise.all([cpo.platform.listen(), emsp.platform.listen()])
  const registrationToken = cpo.platform.issueToken()
  await emsp.platform.register({ versionsUrl: cpo.platform.versionsUrl(), token: registrationToken })
  const detailsOf = async (authorization: string) => {
    authorizations.push(authorization)
    const answer = await fetch(cpo.platform.versionsUrl().replace('versions', version), { headers: { authorization } })
    return { status: answer.status, body: (await answer.json()) as { data?: { endpoints: object[] } } }
  }

  const [location, tariff] = [cpo.locations[0], cpo.tariffs[0]]
  const [token] = emsp.tokens
  if (!location || !tariff || !token) throw new Error('The simulated parties hold nothing')
  for (const object of [{ location }, { tariff }]) await cpo.announce(EMSP, object)
  await cpo.announceStatus(EMSP, { location, evse: 1 }, 'INOPERATIVE')
  await emsp.announceToken(CPO, token)
  const { allowed } = await cpo.authorize(EMSP, token, { location, evse: 0 })
  await emsp.startSession(CPO, { token, location, evse: 0, reference: 'REF' })
  const sessionWhen = (status: string) =>
    emsp.platform.inbox.until(`The session ${status}`, () =>
      [...emsp.sessions.values()].find((each) => each.status === status),
    )
  const { id } = await sessionWhen('ACTIVE')
  await cpo.charge(id, 7, 20)
  await cpo.charge(id, 3, 10)
  await emsp.stopSession(CPO, id)
  const session = await sessionWhen('COMPLETED')
  const { answer, url } = await cpo.bill(id)
  const readBack = await cpo.readCdr(EMSP, url ?? '')
  const [held] = emsp.cdrs.values()
  return { cpo, emsp, detailsOf, allowed, session, answer, readBack, cdr: held as unknown as Record<string, unknown> }
}

describe('A simulated CPO and eMSP of 2.1.1', () => {
  test('connect with flat credentials, tokens as they are and interfaces without role', async () => {
    const { cpo, emsp, detailsOf, allowed } = await charged('2.1.1')
    const token = emsp.platform.peer()?.token ?? ''
    expect((await detailsOf(`Token ${btoa(token)}`)).status).toBe(401)
    const { endpoints } = (await detailsOf(`Token ${token}`)).body.data ?? { endpoints: [] }
    expect(endpoints.map((each) => Object.keys(each))).toEqual(endpoints.map(() => ['identifier', 'url']))
    expect(JSON.stringify(endpoints)).not.toMatch(/hubclientinfo|chargingprofiles/)
    expect(emsp.platform.peer()?.endpoints.get('locations/SENDER')).toBe(cpo.platform.endpointUrl('locations'))
    expect(cpo.platform.peer()).toMatchObject({ party: EMSP, isHub: false })
    expect(allowed).toBe('ALLOWED')
  })

  test('write its objects, charge and bill', async () => {
    const { cpo, emsp, session, answer, readBack, cdr } = await charged('2.1.1')
    const held = emsp.locations.get('BE/CPD/LOC1') as unknown as Record<string, unknown>
    expect(held).toMatchObject({ id: 'LOC1', type: 'PARKING_LOT', evses: [{}, { status: 'INOPERATIVE' }] })
    expect(JSON.stringify(held)).not.toMatch(/tariff_ids|max_voltage|time_zone|publish|country_code/)
    expect(emsp.tariffs.get('BE/CPD/STANDARD')).not.toHaveProperty('type')
    expect([...cpo.tokens.values()]).toMatchObject([{ type: 'OTHER', auth_id: 'NO-EMC-C00000001-X' }])
    expect(session).toMatchObject({
      kwh: 10,
      auth_id: 'NO-EMC-C00000001-X',
      auth_method: 'AUTH_REQUEST',
      location: { id: 'LOC1', evses: [{ uid: 'CPD-000101', connectors: [{ voltage: 230, tariff_id: 'STANDARD' }] }] },
      total_cost: 3.9,
    })
    expect(answer.status).toBe(201)
    expect(readBack.data).toEqual(cdr)
    expect(cdr).toMatchObject({ total_cost: 3.9, total_energy: 10, total_time: 0.5, location: { id: 'LOC1' } })
    for (const name of ['stop_date_time', 'tariffs', 'charging_periods']) expect(cdr).toHaveProperty(name)
    for (const name of ['cdr_location', 'cdr_token', 'session_id', 'country_code']) expect(cdr).not.toHaveProperty(name)
    expect((await emsp.platform.pull('tariffs', CPO, 2)).items).toHaveLength(5)
    expect((await emsp.platform.pull('sessions', CPO, 2)).items).toEqual([session])
  })
})

test('A simulated CPO and eMSP of 2.3.0 name the taxes', async () => {
  const { emsp, session, readBack, cdr } = await charged('2.3.0')
  const cost = { before_taxes: 3.9, taxes: [{ name: 'VAT', amount: 0.82 }] }
  expect(emsp.tariffs.get('BE/CPD/STANDARD')).toMatchObject({ tax_included: 'NO', elements: [{}] })
  expect(session.total_cost).toEqual(cost)
  expect(cdr).toMatchObject({ total_cost: cost, total_energy_cost: cost, tariffs: [{ tax_included: 'NO' }] })
  expect(readBack.data).toEqual(cdr)
})

test.each(['2.1.1', '2.2.1', '2.3.0'] as const)(
  'All that they write in %s is as that version has it',
  async (version) => {
    const { cpo, emsp, session, cdr } = await charged(version)
    const [token] = cpo.tokens.values()
    const written: readonly (readonly [Kind, unknown])[] = [
      ['location', emsp.locations.get('BE/CPD/LOC1')],
      ['tariff', emsp.tariffs.get('BE/CPD/STANDARD')],
      ['token', token],
      ['session', session],
      ['cdr', cdr],
    ]
    expect(written.map(([kind, object]) => [kind, faultsOf(version, kind, object)])).toEqual(
      written.map(([kind]) => [kind, []]),
    )
  },
)
