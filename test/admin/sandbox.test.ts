import { expect, test } from 'vitest'
import { createAdminHarness } from './admin-harness.ts'

const NOBODY = '6f2b2c64-6f0c-4f3e-9d3c-0c6d2f6f1a01'

test('says what of sandbox partners there is not, and that there are enough', async () => {
  const harness = createAdminHarness()
  const { id } = await harness.addPlatform()
  const refused = async (method: string, path: string, body?: unknown) => {
    const answer = await harness.call(method, path, body === undefined ? {} : { body })
    return [answer.status, (answer.body as { type: string }).type.replace('urn:ocpi-hub:problem:', '')]
  }
  expect(await refused('POST', '/sandbox', { role: 'CPO' })).toEqual([409, 'too-many-sandbox-partners'])
  expect(await refused('POST', '/sandbox', { role: 'HUB' })).toEqual([400, 'invalid-input'])
  const change = { misbehaviour: 'slow' }
  expect(await refused('PATCH', `/sandbox/${NOBODY}`, change)).toEqual([404, 'unknown-sandbox-partner'])
  expect(await refused('DELETE', `/sandbox/${NOBODY}`)).toEqual([404, 'unknown-sandbox-partner'])
  expect(await refused('GET', `/platforms/${NOBODY}/sandbox`)).toEqual([404, 'unknown-platform'])
  expect(await refused('PUT', `/platforms/${NOBODY}/sandbox`, { partners: [] })).toEqual([404, 'unknown-platform'])
  const trial = { what: 'locations', partner: NOBODY }
  expect(await refused('POST', `/platforms/${id}/sandbox/try`, trial)).toEqual([404, 'unknown-platform'])
  expect(await refused('POST', `/platforms/${id}/sandbox/try`, { what: 'dance', partner: NOBODY })).toEqual([
    400,
    'invalid-input',
  ])
})
