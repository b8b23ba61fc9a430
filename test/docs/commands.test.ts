import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { startPartner } from '../support/partner.ts'
import { startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'
import { type Blanks, commandsOf, createTyping, expectAnswer } from './pages.ts'

// What a reader types from the pages, each command as it stands there, in their order.

let hub: TestHub
let folder: string
const running: ChildProcess[] = []

beforeEach(async () => {
  hub = await startTestHub()
  folder = await mkdtemp(join(tmpdir(), 'pages-'))
})
afterEach(async () => {
  for (const child of running.splice(0)) child.kill()
  await hub.close()
  await rm(folder, { recursive: true })
})

describe('docs/partners.md', { timeout: 180_000 }, () => {
  test('a partner that types its commands connects, asks, pushes, renews its token and leaves', async () => {
    const port = String(await freePort())
    const tokens: string[] = []
    const blanks: Blanks = {
      'address of the hub': () => hub.url,
      'registration token': async () => (await hub.createPlatform({ name: 'a partner' })).token,
      'token of the CPO': () => tokens[0] ?? '',
      'token of the eMSP': () => tokens[1] ?? '',
    }
    const type = createTyping(folder, blanks, { '9000': port })
    const asEmsp = createTyping(folder, blanks, {
      '9000': port,
      '"NL"': '"DE"',
      '"party_id": "CPO"': '"party_id": "EMS"',
      '"role": "CPO"': '"role": "EMSP"',
    })
    const [standIn, ...others] = commandsOf('docs/partners.md')
    const handshake = others.filter(({ text }) => text.includes('$AUTH'))
    await type(standIn?.text ?? '')
    await startStandIn(port)
    for (const typeAs of [type, asEmsp]) {
      for (const command of handshake) {
        const said = await typeAs(command.text)
        expectAnswer(command, said)
        tokens.push(...tokensIn(said))
      }
    }
    expect(tokens).toHaveLength(2)
    for (const command of others) {
      if (!handshake.includes(command)) expectAnswer(command, await type(command.text))
    }
    const { body } = await hub.admin('GET', '/platforms')
    expect(body.map(({ status }: { status: string }) => status)).toEqual(['CONNECTED', 'SUSPENDED'])
  })

  async function startStandIn(port: string): Promise<void> {
    running.push(spawn(process.execPath, ['partner.mjs'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] }))
    const isThere = () =>
      fetch(`http://localhost:${port}/`).then(
        () => true,
        () => false,
      )
    await until(isThere, 'Expected the partner of the page to listen')
  }

  /** The token that an answer to credentials gives. */
  function tokensIn(said: string): string[] {
    const { data } = JSON.parse(said) as { data: { token?: string } }
    return data.token === undefined ? [] : [data.token]
  }
})

describe('docs/administrators.md', { timeout: 180_000 }, () => {
  test('an administrator that types its commands brings a partner on board, watches and steers it, and lets it go', async () => {
    const partner = await startPartner({
      name: 'cpo',
      parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }],
    })
    const receiver = await startReceiver()
    const read = async (path: string) => (await hub.admin('GET', path)).body[0]
    const message = async () => {
      await until(async () => (await read('/messages')) !== undefined, 'Expected the message log to be written')
      return read('/messages')
    }
    const type = createTyping(folder, {
      'address of the hub': () => hub.url,
      'token of the administrator': () => hub.adminToken,
      'id of the platform': async () => (await read('/platforms')).id,
      'versions URL of the partner': () => partner.versionsUrl,
      'registration token of the partner': () => partner.issueRegistrationToken(),
      'id of the sandbox partner': async () => (await read('/sandbox')).id,
      'id of the rule': async () => (await read('/agreements')).id,
      'correlation ID': async () => (await message()).correlation_id,
      'id of the message': async () => (await message()).id,
      'id of the administrator': async () => (await read('/admins')).id,
      'id of the key': async () => (await read('/keys')).id,
      'ID of the object': () => 'LOC1',
      'address of the receiver': () => receiver.url,
      'id of the link': async () => (await read(`/platforms/${(await read('/platforms')).id}/partner-links`)).id,
      'id of the webhook': async () => (await read('/webhooks')).id,
      'id of another platform': async () => (await hub.createPlatform({ name: 'another' })).id,
    })
    for (const command of commandsOf('docs/administrators.md')) expectAnswer(command, await type(command.text))
    const { body } = await hub.admin('GET', '/platforms')
    expect(body).toMatchObject([{ name: 'another', parties: [{ country_code: 'NL', party_id: 'CPO' }] }])
    await Promise.all([partner.close(), receiver.close()])
  })
})
