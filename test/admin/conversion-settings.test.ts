import { describe, expect, it } from 'vitest'
import { createAdminHarness, faultsIn, platformIn } from './admin-harness.ts'

const DEFAULTS = {
  extras: 'drop',
  tariff_loss: 'withhold',
  owner_members: true,
  owner_in_url: 'owner',
  ids: null,
  counterparty: null,
  time_zone: null,
  vat: null,
  command_timeout: 30,
  credit: 'remark',
  reference_member: null,
  signed_data: false,
  tells_losses: false,
}

async function setUp() {
  const hub = createAdminHarness()
  const { id } = await hub.addPlatform()
  const change = (conversion: object) => hub.call('PATCH', `/platforms/${id}`, { body: { conversion } })
  const own = () => hub.memory.records.get(id)?.conversion
  return { hub, id, change, own }
}

describe('how messages are converted for a platform', () => {
  it('is shown as it is in force, and only what differs from the defaults is kept', async () => {
    const { hub, id, change, own } = await setUp()
    expect(platformIn(await hub.call('GET', `/platforms/${id}`)).conversion).toEqual(DEFAULTS)
    const answer = await change({ extras: 'keep', command_timeout: 30, time_zone: 'Europe/Amsterdam', vat: '21' })
    expect(answer.status).toBe(200)
    const set = { extras: 'keep', time_zone: 'Europe/Amsterdam', vat: '21' }
    expect(platformIn(answer).conversion).toEqual({ ...DEFAULTS, ...set })
    expect(own()).toEqual({ extras: 'keep', timeZone: 'Europe/Amsterdam', vat: '21' })
    await change({ extras: null, vat: null })
    expect(own()).toEqual({ timeZone: 'Europe/Amsterdam' })
  })

  it('is filled by a preset, over which what stands beside it wins, and which leaves what the handshake settles', async () => {
    const { change, own } = await setUp()
    await change({ ids: 'as-sent', counterparty: 'nl-abc', extras: 'keep' })
    await change({ preset: 'gireve', signed_data: false })
    expect(own()).toEqual({ ids: 'as-sent', counterparty: 'NL-ABC', referenceMember: 'authorization_id' })
    await change({ preset: 'default' })
    expect(own()).toEqual({ ids: 'as-sent', counterparty: 'NL-ABC' })
  })

  it('settles ids and the counterparty with the handshake of 2.1.1, and nothing else', async () => {
    const { hub, id, change, own } = await setUp()
    const record = hub.memory.records.get(id)
    if (!record) throw new Error('Expected a platform')
    hub.memory.records.set(id, { ...record, version: '2.1.1', hasCredentials: true })
    const answer = await change({ ids: 'prefixed', counterparty: 'NL-ABC', vat: '7' })
    expect(answer.status).toBe(409)
    expect(answer.body).toMatchObject({ type: 'urn:ocpi-hub:problem:fixed-by-handshake' })
    expect(answer.text).toContain('ids and counterparty hold from the handshake on: disconnect the platform')
    expect((await change({ ids: null, vat: '7' })).status).toBe(200)
    expect(own()).toEqual({ vat: '7' })
  })

  it.each([
    [{ time_zone: '+02:00' }, '#/conversion/time_zone', 'Expected a time zone such as Europe/Amsterdam'],
    [{ time_zone: 'Europe/Utopia' }, '#/conversion/time_zone', 'Expected a time zone such as Europe/Amsterdam'],
    [{ vat: '21%' }, '#/conversion/vat', 'Expected a percentage such as 21 or 5.5, as text'],
    [{ counterparty: 'ABC' }, '#/conversion/counterparty', 'Expected a party such as NL-ABC'],
    [{ counterparty: 'nl-hub' }, '#/conversion/counterparty', 'Expected a party of a platform: this is the hub itself'],
    [{ command_timeout: 0 }, '#/conversion/command_timeout', 'Expected at least 1'],
    [
      { reference_member: 'auth_id' },
      '#/conversion/reference_member',
      'Expected another name: OCPI 2.1.1 has a member of this one',
    ],
    [{ extras: 'some' }, '#/conversion/extras', 'Expected drop or keep'],
    [{ zone: 'UTC' }, '#/conversion/zone', 'Unknown field'],
  ])('says what is wrong with %o', async (conversion, pointer, detail) => {
    const { change, own } = await setUp()
    const answer = await change(conversion)
    expect(answer.status).toBe(400)
    expect(faultsIn(answer)).toEqual([{ pointer, detail }])
    expect(own()).toBeUndefined()
  })
})
