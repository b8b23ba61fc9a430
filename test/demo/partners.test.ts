import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCpo } from '../../src/demo/partners/cpo.ts'
import { createEmsp } from '../../src/demo/partners/emsp.ts'
import type { Traffic } from '../../src/demo/partners/wire.ts'

const CPO = { country_code: 'NL', party_id: 'CPA' }
const EMSP = { country_code: 'DE', party_id: 'EMB' }

const traffic: Traffic[] = []
const observe = (seen: Traffic) => void traffic.push(seen)
const cpo = createCpo({ name: 'Polder Charging', party: CPO, country: 'NL', observe, stationDelayMs: 0 })
const emsp = createEmsp({ name: 'Alpen Drive', party: EMSP, observe })
const [location] = cpo.locations
const [token] = emsp.tokens
if (!location || !token) throw new Error('The simulated parties hold nothing')

beforeAll(async () => {
  await cpo.platform.listen()
  await emsp.platform.listen()
})
afterAll(async () => {
  await emsp.close()
  await cpo.close()
})

const statusOf = async (url: string, authorization?: string) =>
  (await fetch(url, authorization ? { headers: { authorization } } : {})).status

describe('Two simulated parties connect without a hub [credentials]', () => {
  test('a registration token opens the handshake and nothing else', async () => {
    const first = `Token ${btoa(cpo.platform.issueToken())}`
    expect(await statusOf(cpo.platform.versionsUrl())).toBe(401)
    expect(await statusOf(cpo.platform.versionsUrl(), first)).toBe(200)
    expect(await statusOf(cpo.platform.endpointUrl('locations'), first)).toBe(401)
  })

  test('a token that nobody issued registers nobody', async () => {
    await expect(emsp.platform.register({ versionsUrl: cpo.platform.versionsUrl(), token: 'nobodys' })).rejects.toThrow(
      'HTTP 401',
    )
    expect(emsp.platform.peer()).toBeNull()
  })

  test('the eMSP registers; its token works once; both know the endpoints of the other', async () => {
    const at = { versionsUrl: cpo.platform.versionsUrl(), token: cpo.platform.issueToken() }
    await emsp.platform.register(at)
    expect(emsp.platform.peer()?.endpoints.get('locations/SENDER')).toBe(cpo.platform.endpointUrl('locations'))
    expect(cpo.platform.peer()?.endpoints.get('sessions/RECEIVER')).toBe(emsp.platform.endpointUrl('sessions'))
    expect(cpo.platform.peer()?.party).toEqual(EMSP)
    await expect(emsp.platform.register(at)).rejects.toThrow('HTTP 401')
    await emsp.platform.pull('tariffs', CPO, 2)
  })

  test('either side renews its tokens, and messages go on', async () => {
    const [atCpo, atEmsp] = [emsp.platform.peer()?.token, cpo.platform.peer()?.token]
    await emsp.platform.rotate()
    await cpo.platform.rotate()
    expect(emsp.platform.peer()?.token).not.toBe(atCpo)
    expect(cpo.platform.peer()?.token).not.toBe(atEmsp)
    await emsp.platform.pull('tariffs', CPO, 2)
    await cpo.platform.pull('tokens', EMSP, 2)
  })
})

describe('Two simulated parties exchange every kind of message', () => {
  test('lists come page by page, whole [transport_and_format: Pagination]', async () => {
    expect(await emsp.platform.pull('locations', CPO, 3)).toEqual({ items: cpo.locations, pages: 3 })
    expect(await emsp.platform.pull('tariffs', CPO, 2)).toEqual({ items: cpo.tariffs, pages: 3 })
    expect(await cpo.platform.pull('tokens', EMSP, 2)).toEqual({ items: emsp.tokens, pages: 3 })
    const later = await emsp.platform.call({
      module: 'locations',
      role: 'SENDER',
      method: 'GET',
      path: '?date_from=2026-01-15T09:30:01',
      to: CPO,
      what: '',
    })
    expect(later.data).toEqual([])
  })

  test('locations, EVSE status and tariffs are pushed and withdrawn [mod_locations, mod_tariffs]', async () => {
    const [tariff] = cpo.tariffs
    if (!tariff) throw new Error('No tariff')
    await cpo.announce(EMSP, { location })
    await cpo.announceStatus(EMSP, { location, evse: 1 }, 'INOPERATIVE')
    expect(emsp.locations.get('NL/CPA/LOC1')?.evses.map(({ status }) => status)).toEqual(['AVAILABLE', 'INOPERATIVE'])
    await cpo.announce(EMSP, { tariff })
    expect([...emsp.tariffs.keys()]).toEqual(['NL/CPA/STANDARD'])
    await cpo.withdrawTariff(EMSP, tariff.id)
    expect(emsp.tariffs.size).toBe(0)
  })

  test('tokens are pushed, authorised in real time, blocked and unknown [mod_tokens]', async () => {
    const [, card] = emsp.tokens
    if (!card) throw new Error('No card')
    await emsp.announceToken(CPO, card)
    expect(cpo.tokens.get(`RFID/${card.uid}`)).toEqual(card)
    expect(await cpo.authorize(EMSP, card, { location, evse: 0 })).toMatchObject({
      allowed: 'ALLOWED',
      token: card,
      location: { location_id: 'LOC1' },
    })
    await emsp.blockToken(CPO, card)
    expect(cpo.tokens.get(`RFID/${card.uid}`)?.valid).toBe(false)
    expect((await cpo.authorize(EMSP, card, { location, evse: 0 })).allowed).toBe('BLOCKED')
    await expect(cpo.authorize(EMSP, { uid: 'nobodys', type: 'RFID' }, { location, evse: 0 })).rejects.toThrow(
      'OCPI 2004',
    )
  })

  test('a session is started, steered, grown, stopped, billed and the bill read back', async () => {
    expect(await emsp.startSession(CPO, { token, location, evse: 0 })).toEqual({
      response: 'ACCEPTED',
      result: 'ACCEPTED',
    })
    const id = 'CPA-S0001'
    const seen = (what: string, status: string) =>
      emsp.platform.inbox.until(what, () => [...emsp.sessions.values()].find((session) => session.status === status))
    expect(await seen('The session', 'ACTIVE')).toMatchObject({
      id,
      kwh: 0,
      location_id: 'LOC1',
      cdr_token: { uid: token.uid },
    })

    const profile = { charging_rate_unit: 'W' as const, charging_profile_period: [{ start_period: 0, limit: 7000 }] }
    expect(await emsp.setProfile(CPO, id, profile)).toEqual({ response: 'ACCEPTED', result: 'ACCEPTED' })
    expect((await emsp.askProfile(CPO, id, 900)).profile?.charging_profile).toEqual(profile)
    await cpo.lowerLimit(id, 5000)
    expect(emsp.activeProfiles.get(id)?.charging_profile.charging_profile_period).toEqual([
      { start_period: 0, limit: 5000 },
    ])
    expect(await emsp.clearProfile(CPO, id)).toEqual({ response: 'ACCEPTED', result: 'ACCEPTED' })
    expect((await emsp.clearProfile(CPO, id)).result).toBe('UNKNOWN')
    expect((await emsp.clearProfile(CPO, 'none')).response).toBe('UNKNOWN_SESSION')

    await cpo.charge(id, 7, 20)
    await cpo.charge(id, 3, 10)
    expect(emsp.sessions.get(`NL/CPA/${id}`)).toEqual(cpo.sessions.get(id))
    expect(await emsp.stopSession(CPO, id)).toEqual({ response: 'ACCEPTED', result: 'ACCEPTED' })
    expect(await seen('The completed session', 'COMPLETED')).toMatchObject({ kwh: 10 })

    const { cdr, answer, url } = await cpo.bill(id)
    expect(answer.status).toBe(201)
    expect(cdr).toMatchObject({ total_energy: 10, total_time: 0.5, total_cost: { excl_vat: 3.9, incl_vat: 4.72 } })
    expect((await cpo.readCdr(EMSP, url ?? '')).data).toEqual(cdr)
  })

  test('a command for an unknown location is refused at once, without a result', async () => {
    const nowhere = { ...location, id: 'NOWHERE' }
    expect(await emsp.startSession(CPO, { token, location: nowhere, evse: 0 })).toEqual({
      response: 'REJECTED',
      result: 'none',
    })
  })

  test('every message was told to those who watch, with its status and time', () => {
    const told = traffic.filter(({ module, what }) => module === 'commands' && what.includes('START_SESSION'))
    expect(
      told.map(({ from, to, what, httpStatus, ocpiStatus }) => `${from} ${to} ${what} ${httpStatus} ${ocpiStatus}`),
    ).toEqual([
      'DE-EMB NL-CPA POST START_SESSION: ACCEPTED 200 1000',
      'NL-CPA DE-EMB POST result of START_SESSION: ACCEPTED 200 1000',
      'DE-EMB NL-CPA POST START_SESSION: REJECTED 200 1000',
    ])
    expect(told.every(({ durationMs }) => durationMs > 0)).toBe(true)
  })
})

test('who goes away answers nobody, comes back at the same address, and may be slow', async () => {
  await emsp.platform.goAway()
  await expect(cpo.announce(EMSP, { location })).rejects.toThrow(/closed|ECONN/)
  await emsp.platform.comeBack()
  emsp.slowDown(50)
  const began = performance.now()
  expect((await cpo.announce(EMSP, { location })).ocpiStatus).toBe(1000)
  expect(performance.now() - began).toBeGreaterThan(45)
  emsp.slowDown(0)
})

test('who leaves is unknown from then on [credentials: DELETE]', async () => {
  const token = emsp.platform.peer()?.token ?? ''
  await emsp.platform.unregister()
  expect(emsp.platform.peer()).toBeNull()
  expect(cpo.platform.peer()).toBeNull()
  expect(await statusOf(cpo.platform.versionsUrl(), `Token ${btoa(token)}`)).toBe(401)
})
