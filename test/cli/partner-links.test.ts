import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { createCli, settled } from './run-cli.ts'

// Links to partners' own pages, on the command line.

let hub: TestHub
let cli: ReturnType<typeof createCli>

const words = (line: string) => line.split(' ')

beforeAll(async () => {
  hub = await startTestHub()
  cli = createCli({ OCPI_HUB_URL: hub.url, OCPI_HUB_KEY: hub.adminToken })
  await hub.createPlatform({ name: 'Polder', parties: [{ country_code: 'NL', party_id: 'POL', role: 'CPO' }] })
})
afterAll(() => hub.close())

test('a link is made, listed and revoked', async () => {
  expect((await cli(words('partner-links list Polder'))).out).toBe('None\n')
  const made = await cli(words('partner-links add NL-POL --until 14d --reason asked'))
  expect(settled(made.out)).toMatch(/^link  http:\S+\/partner\/enter\/[\w-]{43}\nuntil  MOMENT\n/)
  const [link] = JSON.parse((await cli(words('partner-links list Polder --json'))).out)
  expect(settled((await cli(words('partner-links list Polder'))).out, { [link.id]: 'LINK' })).toBe(
    'STATE  MADE  BY  ENDS  LAST LOOKED AT  BROWSERS  ID\n● open  MOMENT  owner  MOMENT  never  0  LINK\n',
  )
  expect((await cli(['partner-links', 'revoke', 'Polder', link.id])).code).toBe(0)
  expect((await cli(['partner-links', 'revoke', 'Polder', link.id])).code).toBe(3)
  expect((await cli(words('partner-links list Polder'))).out).toContain('– revoked')
  expect((await cli(words('partner-links add Polder --until 200d'))).code).not.toBe(0)
})
