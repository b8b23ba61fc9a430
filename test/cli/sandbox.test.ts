// Sandbox partners by the command line: one attached, tried, told to misbehave and taken away.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { createCli, settled } from './run-cli.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const

let hub: TestHub
let cli: ReturnType<typeof createCli>

beforeAll(async () => {
  hub = await startTestHub()
  cli = createCli({ OCPI_HUB_URL: hub.url, OCPI_HUB_KEY: hub.adminToken })
  await hub.join({ name: 'Polder', parties: [CPO] })
})
afterAll(() => hub.close())

async function said(line: string, code = 0): Promise<string> {
  const done = await cli(line.split(' '))
  expect(done.code, done.err).toBe(code)
  return settled(done.out)
}

test('a newcomer tries the hub with a sandbox partner, by name', async () => {
  expect(await said('sandbox list')).toBe('No sandbox partner\n')
  const heads = 'PARTNER  PARTY  BEHAVIOUR  SEEN BY\n'
  expect(await said('sandbox attach emsp')).toBe(`${heads}Sandbox eMSP 1  XS-SE1  behaves  nobody\n`)
  expect(await said('sandbox try Polder locations', 3)).toBe('')
  expect(await said('sandbox assign Polder XS-SE1')).toBe(`${heads}Sandbox eMSP 1  XS-SE1  behaves  Polder\n`)
  expect(await said('sandbox try NL-CPO locations')).toMatch(
    /^CALL  HTTP  OCPI  CORRELATION ID\nGET locations  ✓ 200  1000  .+\n✓ 0 locations on the first page\n$/,
  )
  expect(await said('sandbox try Polder stop-session', 4)).toContain('■ It has put no session')
  expect(await said('sandbox behave xs-se1 lost-answers')).toContain('▲ lost-answers')
  expect(await said('sandbox behave XS-SE1 rude', 2)).toBe('')
  expect(await said('sandbox assign Polder')).toBe('No sandbox partner\n')
  expect(await said('sandbox remove XS-SE1', 2)).toBe('')
  expect(await said('sandbox remove XS-SE1 --yes')).toBe('Sandbox eMSP 1 is gone\n')
})
