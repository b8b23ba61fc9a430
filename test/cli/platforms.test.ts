// What an administrator who types reads of platforms and parties, and does with them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conversionNote, storeConversions } from '../support/conversions.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { createCli, settled } from './run-cli.ts'

let hub: TestHub
let cli: ReturnType<typeof createCli>
let cpo: Awaited<ReturnType<TestHub['join']>>
let names: Record<string, string>

const words = (line: string) => line.split(' ')
const lines = (...all: string[]) => all.map((line) => `${line}\n`).join('')

beforeAll(async () => {
  hub = await startTestHub()
  cli = createCli({ OCPI_HUB_URL: hub.url, OCPI_HUB_KEY: hub.adminToken })
  cpo = await hub.join({ name: 'Polder Charging', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
  await hub.join({ name: 'Tulip', parties: [{ country_code: 'DE', party_id: 'EMS', role: 'EMSP' }] })
  names = { [hub.url]: 'HUB', [cpo.platformId]: 'ID', [new URL(cpo.versionsUrl).origin]: 'PARTNER' }
})
afterAll(() => hub.close())

describe('platforms list', () => {
  test('is a table with shapes for statuses and words for times, and says how many there are', async () => {
    const { code, out } = await cli(words('platforms list'))
    expect(settled(out)).toBe(
      lines(
        'NAME  PARTIES  STATUS  SINCE  CAUSE',
        'Polder Charging  NL-CPO CPO  ● CONNECTED  AGE  credentials exchanged',
        'Tulip  DE-EMS EMSP  ● CONNECTED  AGE  credentials exchanged',
        '2 platforms',
      ),
    )
    expect(code).toBe(0)
  })

  test('has its columns below each other', async () => {
    const [heads = '', ...rows] = (await cli(words('platforms list'))).out.split('\n')
    for (const row of rows.slice(0, 2)) expect(row.indexOf('●')).toBe(heads.indexOf('STATUS'))
  })

  test('follows the pages up to --limit, says that there are more, and takes all with --all', async () => {
    expect((await cli(words('platforms list --limit 1'))).out).toContain(
      'The first 1 platform; there are more: --limit, --all',
    )
    expect((await cli(words('platforms list --all'))).out).toContain('2 platforms\n')
  })

  test('is narrowed by filters, which go together', async () => {
    expect((await cli(words('platforms list --role emsp --status connected'))).out).toContain('Tulip')
    expect((await cli(words('platforms list --party NL-CPO'))).out).toContain('1 platform\n')
    expect((await cli(words('platforms list tul'))).out).toContain('1 platform\n')
    expect((await cli(words('platforms list --status planned'))).out).toBe('No platform fits\n')
  })

  test('is the JSON of the API as it came with --json', async () => {
    const answer = await fetch(`${hub.url}/admin/api/platforms`, {
      headers: { Authorization: `Bearer ${hub.adminToken}` },
    })
    expect((await cli(words('platforms list --json'))).out).toBe(`${await answer.text()}\n`)
  })
})

describe('a platform', () => {
  test.each(['id', 'name', 'party'])('is named by its %s', async (by) => {
    const named = { id: cpo.platformId, name: 'polder charging', party: 'NL-CPO' }[by] as string
    const { out } = await cli(['platforms', 'show', named])
    expect(settled(out, names)).toMatch(/^name {2}Polder Charging\nid {2}ID\nstatus {2}● CONNECTED\n/)
  })

  test('is never one of several that have the name', async () => {
    await Promise.all([hub.createPlatform({ name: 'Twin' }), hub.createPlatform({ name: 'Twin' })])
    const { code, err } = await cli(['platforms', 'suspend', 'Twin'])
    expect(err).toMatch(/^Twin is several platforms: name one by its id \(Twin \S{36}, Twin \S{36}\)\n$/)
    expect(code).toBe(2)
  })

  test('is shown with its parties, interfaces and settings', async () => {
    const { out } = await cli(['platforms', 'show', 'NL-CPO'])
    const text = settled(out, names)
    expect(text).toContain('versions URL  PARTNER/versions\n')
    expect(text).toContain('delivery  50/s, 8 at once, tried for 15 min, after OFFLINE: none, once for each platform\n')
    expect(text).toContain(lines('', 'PARTY  ROLE  STATUS', 'NL-CPO  CPO  ● CONNECTED'))
    expect(text).toContain('locations  SENDER  PARTNER/srv/sender/locations\n')
  })

  test('is created with what its partner needs, and invited anew', async () => {
    const made = await cli(['platforms', 'create', 'Baltic Grid', '--party', 'SE-BGR:CPO', '--hold'])
    expect(settled(made.out, names).replaceAll(/\b[\w-]{43}\b|\b[0-9a-f]{8}\b/g, 'SECRET')).toBe(
      lines(
        'Baltic Grid  ○ PLANNED  not registered yet',
        'versions URL  HUB/ocpi/versions',
        'token  SECRET',
        'fingerprint  SECRET',
        'valid  ends in 29 d',
        '  The token is shown this once: give both to the partner over a safe channel.',
      ),
    )
    const tokenIn = (text: string) => /^token +(\S+)$/m.exec(text)?.[1]
    const anew = await cli(['platforms', 'invite', 'SE-BGR'])
    expect(tokenIn(anew.out)).toMatch(/^[\w-]{43}$/)
    expect(tokenIn(anew.out)).not.toBe(tokenIn(made.out))
    expect((await cli(words('platforms release SE-BGR'))).code).toBe(0)
  })

  test('is renamed and set, and goes back to defaults; nothing else of it changes', async () => {
    const set =
      'platforms set SE-BGR --name Baltic --requests-per-second 20 --strict on --after-offline resync --most-roles 7'
    expect((await cli(words(set))).out).toMatch(/delivery +20\/s, .*after OFFLINE: resync/)
    expect((await cli(words('platforms set Baltic --requests-per-second default --strict off'))).out).toMatch(
      /delivery +50\/s, .*after OFFLINE: resync/,
    )
    expect((await cli(words('platforms set Baltic'))).code).toBe(2)
  })

  test('has an endpoint mended, another hidden, and the first as it is announced again', async () => {
    const mend = async (line: string) => settled((await cli(words(`platforms endpoint NL-CPO ${line}`))).out, names)
    expect(await mend('tariffs SENDER http://127.0.0.1:9/tariffs')).toContain(
      'tariffs  SENDER  http://127.0.0.1:9/tariffs  mended; announced: PARTNER/srv/sender/tariffs\n',
    )
    expect(await mend('cdrs sender hidden')).toContain(
      'cdrs  SENDER  hidden  mended; announced: PARTNER/srv/sender/cdrs\n',
    )
    const text = await mend('tariffs SENDER announced')
    expect(text).toContain('tariffs  SENDER  PARTNER/srv/sender/tariffs\n')
    expect(text).toContain('cdrs  SENDER  hidden')
  })

  test('is suspended with a reason, resumed, checked, and has a history that says so', async () => {
    expect((await cli(['platforms', 'suspend', 'Tulip', '--reason', 'ticket 4711'])).out).toBe(
      'Tulip  – SUSPENDED  suspended by an administrator\n',
    )
    expect((await cli(words('platforms resume Tulip'))).out).toContain('● CONNECTED')
    expect((await cli(words('platforms ping Tulip'))).out).toBe('Tulip  ● CONNECTED  alive\n')
    expect((await cli(words('platforms history Tulip'))).out).toMatch(
      /● CONNECTED +admin:owner +resumed by an administrator\n.*– SUSPENDED +admin:owner +suspended by/,
    )
    expect((await cli(words('audit list --platform Tulip --what platform.suspend'))).out).toContain('ticket 4711')
  })

  test('is removed when somebody says so: by --yes, or when asked at a terminal', async () => {
    const { id } = await hub.createPlatform({ name: 'Gone' })
    const remove = ['platforms', 'remove', 'Gone']
    const refused = await cli(remove)
    expect(refused).toEqual({
      code: 2,
      out: '',
      err: 'Gone is forgotten with its parties and tokens. This cannot be undone: say --yes\n',
    })
    expect((await cli(remove, { answers: ['n'] })).err).toMatch(/Go on\? \[y\/N\] Nothing was changed\n$/)
    expect((await hub.admin('GET', `/platforms/${id}`)).status).toBe(200)
    expect(await cli([...remove, '--yes'])).toEqual({ code: 0, out: 'Gone is removed\n', err: '' })
    expect((await hub.admin('GET', `/platforms/${id}`)).status).toBe(404)
  })
})

describe('parties', () => {
  test('are listed with who has them', async () => {
    expect(settled((await cli(words('parties list polder'))).out)).toBe(
      lines('PARTY  ROLE  STATUS  PLATFORM', 'NL-CPO  CPO  ● CONNECTED  Polder Charging'),
    )
  })

  test('that wait are listed, confirmed and refused', async () => {
    await cli(words('agreements deny NL-NEW DE-EMS'))
    await cli(words('agreements deny NL-TWO DE-EMS'))
    const roles = ['NEW', 'TWO'].map((party_id) => ({ country_code: 'NL', party_id, role: 'CPO' }) as const)
    await hub.join({ name: 'Newcomer', parties: roles })
    expect(settled((await cli(words('parties pending'))).out)).toBe(
      lines(
        'PARTY  ROLE  WHY  SINCE  PLATFORM',
        'NL-NEW  CPO  named-by-rule  AGE  Newcomer',
        'NL-TWO  CPO  named-by-rule  AGE  Newcomer',
        '2 roles',
      ),
    )
    expect((await cli(words('parties confirm Newcomer NL-NEW:CPO'))).code).toBe(0)
    expect((await cli(words('parties refuse Newcomer NL-TWO:CPO'))).code).toBe(0)
    expect((await cli(words('parties pending'))).out).toBe('No role waits\n')
    expect((await cli(words('parties list Newcomer'))).out).toContain('NL-NEW  CPO   ● CONNECTED  Newcomer')
  })

  test('move to another platform, and are freed where nobody has them any more', async () => {
    await hub.createPlatform({ name: 'Heir' })
    expect((await cli(words('parties move NL-NEW Heir --role cpo'))).out).toContain('Heir')
    expect((await cli(words('parties list Heir'))).out).toContain('NL-NEW')
    expect((await cli(words('parties free NL-ZZZ'))).code).toBe(3)
  })
})

describe('between OCPI versions', () => {
  test('what is lost is a table, and each platform has its own way with it', async () => {
    expect((await cli(words('conversions list'))).out).toBe('Nothing was lost\n')
    expect((await cli(words('conversions outcomes --to 2.3.0'))).out).toBe('Nothing was converted\n')
    await storeConversions(hub.databaseUrl, [conversionNote({ platformId: cpo.platformId })])
    expect(settled((await cli(words('conversions list --platform NL-CPO --fate invented'))).out, names)).toContain(
      'invented  tariff  /tax_included  prices are without taxes  2.2.1 → 2.3.0  Polder Charging  1',
    )
    const shown = await cli(words('conversions outcomes --kind tariff'))
    expect(settled(shown.out, names)).toContain('2.2.1 → 2.3.0  tariff  Polder Charging  1  0  0')
    const { out, code } = await cli(words('platforms conversion NL-CPO --extras keep --reason agreed'))
    expect([code, out]).toEqual([0, expect.stringMatching(/^extras +keep$/m)])
    expect((await cli(words('platforms conversion NL-CPO --extras default'))).out).toMatch(/^extras +drop$/m)
    expect((await cli(words('platforms conversion NL-CPO --vat much'))).code).toBe(2)
    expect((await cli(words('platforms list --ocpi 2.3.0'))).out).toBe('No platform fits\n')
  })
})
