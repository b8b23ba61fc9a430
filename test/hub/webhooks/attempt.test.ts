import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTryLetter, type Letter } from '../../../src/hub/webhooks/attempt.ts'
import { newWebhookSecret } from '../../../src/hub/webhooks/webhook.ts'
import { createUndiciSend } from '../../../src/runtime/node/undici-send.ts'
import { isPublicAddress } from '../../../src/runtime/shared/address-guard.ts'
import { random } from '../../../src/runtime/shared/secrets.ts'
import { signLetter } from '../../../src/runtime/shared/sign-letter.ts'
import { answerWith, type Receiver, startReceiver } from '../../support/receiver.ts'

const [SECRET, OLDER] = [newWebhookSecret(random), newWebhookSecret(random)]
const open = createUndiciSend({ isAddressAllowed: () => true })
let receiver: Receiver

beforeAll(async () => {
  receiver = await startReceiver()
})
beforeEach(() => {
  receiver.received.length = 0
  receiver.answer = (_, response) => void response.end()
})
afterAll(async () => {
  await Promise.all([receiver.close(), open.close(), guarded.close()])
})

/** A name that leads inside by the time it is called. */
const guarded = createUndiciSend({
  isAddressAllowed: isPublicAddress,
  lookup: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
})

const tryLetter = (letter: Partial<Letter> = {}, send = open.send, timeoutMs = 10_000) =>
  createTryLetter({
    send,
    sign: signLetter,
    open: (sealed) => sealed.replace('sealed ', ''),
    mayCall: (url) => (url.includes('forbidden') ? { ok: false, why: 'must be https' } : { ok: true }),
    loopMark: 'mark',
    now: Date.now,
    timeoutMs,
  })({
    id: 'msg_1',
    url: `${receiver.url}/hook?key=1`,
    body: '{"type":"a"}',
    sealedSecrets: [`sealed ${SECRET}`],
    ...letter,
  })

describe('A webhook is told', () => {
  it('by a POST of JSON that any receiver of Standard Webhooks can check', async () => {
    expect(await tryLetter()).toMatchObject({ status: 200, failure: null })
    const [{ headers, text, path } = { headers: {}, text: '', path: '' }] = receiver.received
    expect([path, headers['content-type'], headers['user-agent']]).toEqual([
      '/hook?key=1',
      'application/json',
      'ocpi-hub',
    ])
    expect(new Webhook(SECRET).verify(text, headers as Record<string, string>)).toEqual({ type: 'a' })
    // As the standard writes it, without its library.
    const signed = `msg_1.${headers['webhook-timestamp']}.${text}`
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64')
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
  })

  it('under both secrets while one replaces the other', async () => {
    await tryLetter({ sealedSecrets: [`sealed ${SECRET}`, `sealed ${OLDER}`] })
    const [{ headers, text } = { headers: {}, text: '' }] = receiver.received
    for (const secret of [SECRET, OLDER])
      expect(new Webhook(secret).verify(text, headers as Record<string, string>)).toEqual({ type: 'a' })
    expect(() => new Webhook(newWebhookSecret(random)).verify(text, headers as Record<string, string>)).toThrow()
  })

  it('again where it asks for patience, and for as long', async () => {
    receiver.answer = answerWith(429, { 'Retry-After': '120' }, 'later')
    expect(await tryLetter()).toMatchObject({
      status: 429,
      failure: 'HTTP 429',
      answer: 'later',
      retryAfterMs: 120_000,
    })
  })
})

describe('A receiver of webhooks cannot', () => {
  it('lead the hub elsewhere: a redirect is a failure like another', async () => {
    const inside = await startReceiver()
    receiver.answer = answerWith(307, { Location: `${inside.url}/` })
    expect(await tryLetter()).toMatchObject({ status: 307, failure: 'HTTP 307' })
    expect(inside.received).toEqual([])
    await inside.close()
  })

  it('lead the hub inside, by an address or by a name that leads there when it is called', async () => {
    const { port } = new URL(receiver.url)
    for (const url of [`https://127.0.0.1:${port}/`, `https://hooks.example:${port}/`, `http://169.254.169.254/`]) {
      const tried = await tryLetter({ url }, guarded.send)
      expect(tried).toMatchObject({ status: null, failure: 'it leads to no address that the hub may call' })
    }
    expect(await tryLetter({ url: `${receiver.url}/forbidden` })).toMatchObject({ failure: 'its URL must be https' })
    expect(receiver.received).toEqual([])
  })

  it('hold up the hub: silence and an answer that drips end in time', async () => {
    const inTime = () => tryLetter({}, open.send, 300)
    receiver.answer = () => undefined
    expect(await inTime()).toMatchObject({ status: null, failure: 'no answer within 300 ms' })
    receiver.answer = (_, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write('.'), 50)
      response.on('close', () => clearInterval(drip))
    }
    expect(await inTime()).toMatchObject({ failure: 'no answer within 300 ms' })
  })

  it('fill the hub: of a huge answer the beginning is read, and little of that is kept', async () => {
    let written = 0
    receiver.answer = (_, response) => {
      response.writeHead(500)
      const pour = () => {
        while (!response.destroyed && written < 1e9) {
          written += 65_536
          if (!response.write('x'.repeat(65_536))) return
        }
      }
      response.on('drain', pour)
      pour()
    }
    const tried = await tryLetter()
    expect(tried).toMatchObject({ status: 500, failure: 'HTTP 500', answer: 'x'.repeat(300) })
    expect(written).toBeLessThan(5e7)
  })

  it('write on screens what these would obey, nor the secret', async () => {
    receiver.answer = answerWith(400, {}, `no:\u001b[2J\u202e${SECRET}\n<b>bad</b>\u0000`)
    expect((await tryLetter()).answer).toBe('no:[2Jwhsec_… <b>bad</b>')
  })

  it('be told anything where its secret opens under no key', async () => {
    const tried = createTryLetter({
      send: open.send,
      sign: signLetter,
      open: () => {
        throw new Error('damaged')
      },
      mayCall: () => ({ ok: true }),
      loopMark: 'mark',
      now: Date.now,
    })({ id: 'msg_1', url: receiver.url, body: '{}', sealedSecrets: ['v1.damaged'] })
    expect(await tried).toMatchObject({ failure: 'its secret cannot be opened: make a new one' })
    expect(receiver.received).toEqual([])
  })
})
