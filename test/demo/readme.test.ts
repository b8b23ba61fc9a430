import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, startTestHub, type TestHub } from '../support/hub.ts'
import { until } from '../support/until.ts'

// What a newcomer types from the README, as it stands there but for the two addresses.

let hub: TestHub
let folder: string
let commands: string[]
let partner: ChildProcess | null = null

beforeAll(async () => {
  hub = await startTestHub()
  folder = await mkdtemp(join(tmpdir(), 'readme-'))
  const port = String(await freePort())
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const [, section = ''] = /\n## Connecting partners\n(.*?)\n## /s.exec(readme) ?? []
  const blocks = section.match(/(?:^ {4}.*\n)+/gm) ?? []
  commands = blocks.map((block) => block.replace(/^ {4}/gm, '').replaceAll('9000', port))
})
afterAll(async () => {
  partner?.kill()
  await hub.close()
  await rm(folder, { recursive: true })
})

const block = (holding: string) => commands.find((each) => each.includes(holding)) ?? ''

/** What bash says to it, in the variables that the README sets first. */
async function type(command: string, variables: Record<string, string> = {}): Promise<string> {
  const env = { PATH: process.env.PATH, HUB: hub.url, ADMIN: `Authorization: Bearer ${hub.adminToken}`, ...variables }
  return (await promisify(execFile)('bash', ['-c', command], { cwd: folder, env })).stdout
}

/** Steps 1 and 2 for one partner; gives the token it has at the hub then. */
async function connect(party: (text: string) => string): Promise<string> {
  const made = JSON.parse(await type(party(block('"parties"'))))
  const register = party(block('TOKEN_A=')).replace(/^TOKEN_A=.*$/m, `TOKEN_A=${made.registration.token}`)
  const said = await type(register)
  expect(said.match(/"status_code":1000/g)).toHaveLength(3)
  return /"data":\{"token":"([^"]+)"/.exec(said)?.[1] ?? ''
}

const asEmsp = (text: string) =>
  text
    .replaceAll('"NL"', '"DE"')
    .replaceAll('"party_id": "CPO"', '"party_id": "EMS"')
    .replaceAll('"role": "CPO"', '"role": "EMSP"')

describe('the README', () => {
  test('its commands connect a CPO and an eMSP, and the eMSP reads the locations of the CPO', async () => {
    const standIn = block('partner.mjs')
    expect(standIn).toContain('\nnode partner.mjs\n')
    await type(standIn.replace('\nnode partner.mjs\n', '\n'))
    partner = spawn(process.execPath, ['partner.mjs'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    const at = /localhost:\d+/.exec(standIn)?.[0]
    await until(
      () =>
        fetch(`http://${at}/`).then(
          () => true,
          () => false,
        ),
      'Expected the partner of the README to listen',
    )
    await connect((text) => text)
    const TOKEN = await connect(asEmsp)
    expect(JSON.parse(await type(block('/sender/locations'), { TOKEN }))).toMatchObject({ data: [], status_code: 1000 })
  })
})
