import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, getCACertificates, type Server, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createReadTls } from '../../../src/runtime/node/read-tls.ts'
import { AUTHORITY, ELSEWHERE, EXPIRED, KEY } from '../../support/certificates.ts'

const before = getCACertificates('default')
const servers: Server[] = []
let good: number
let expired: number

async function serve(cert: string): Promise<number> {
  const server = createServer({ key: KEY, cert })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

beforeAll(async () => {
  setDefaultCACertificates([...before, AUTHORITY])
  good = await serve(ELSEWHERE)
  expired = await serve(EXPIRED)
})
afterAll(() => {
  setDefaultCACertificates(before)
  for (const server of servers) server.close()
})

function readTls(origin: string, allows = true) {
  const guard = { isAddressAllowed: () => allows, isOwnListener: () => false, isTlsRequired: true }
  const lookup = createReadTls(guard, (_, __, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]))
  return lookup(origin, 5_000)
}

test('a certificate that holds is told with its end and the version of TLS', async () => {
  expect(await readTls(`https://elsewhere.example:${good}`)).toEqual({
    kind: 'seen',
    facts: { protocol: 'TLSv1.3', validTo: Date.UTC(2120, 0, 1) },
  })
})

test.each<[what: string, origin: () => string, says: string, allows?: boolean]>([
  ['that has expired', () => `https://localhost:${expired}`, 'expired'],
  ['for another name', () => `https://localhost:${good}`, 'localhost'],
  ['at an address that may not be called', () => `https://elsewhere.example:${good}`, 'no address', false],
  ['without TLS', () => `http://elsewhere.example:${good}`, 'https'],
])('a certificate %s is none: why is said', async (_, origin, says, allows) => {
  expect(await readTls(origin(), allows)).toEqual({ kind: 'failed', detail: expect.stringContaining(says) })
})
