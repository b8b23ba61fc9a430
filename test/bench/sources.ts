import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { partyNumber } from './party-number.ts'
import { answerQuestions } from './questions.ts'

// CPOs with lists of locations, all in one process, each at a port of its own: `node sources.ts <how many> <locations of each>
// <bytes of a location>`. Source n is platform n.

/** How long a source takes to find its objects; then it tells its ports. */
export type SourcesQuestion = { readonly answerAfterMs: number }

const [count, objects, bytes] = process.argv.slice(2).map(Number) as [number, number, number]
let answerAfterMs = 0

/**
 * All locations of a source, each of the same length, with a comma between two. They hold what the specification's own example
 * holds [mod_locations: Location Object]: many short members, since one long text is cheap to walk over and to parse.
 */
function createList(n: number): Buffer {
  const { countryCode, partyId } = partyNumber(n)
  const connector = {
    ...{ id: '1', standard: 'IEC_62196_T2', format: 'SOCKET', power_type: 'AC_3_PHASE', max_voltage: 230 },
    ...{ max_amperage: 16, tariff_ids: ['11'], last_updated: '2026-01-01T00:00:00Z' },
  }
  const evse = { status: 'AVAILABLE', capabilities: ['RESERVABLE'], connectors: [connector] }
  const texts = Array.from({ length: objects }, (_, i) => {
    const id = `L${String(i).padStart(7, '0')}`
    const evses = [1, 2].map((uid) => ({
      ...{ uid: String(uid), evse_id: `BE*BEC*E${id}*${uid}`, ...evse, last_updated: '2026-01-01T00:00:00Z' },
    }))
    const location = {
      ...{ country_code: countryCode, party_id: partyId, id, publish: true, name: 'Gent Zuid' },
      ...{ address: 'F.Rooseveltlaan 3A', city: 'Gent', postal_code: '9000', country: 'BEL' },
      coordinates: { latitude: '51.047599', longitude: '3.729944' },
      ...{ parking_type: 'ON_STREET', evses, operator: { name: 'BeCharged' } },
      ...{ time_zone: 'Europe/Brussels', last_updated: '2026-01-01T00:00:00Z' },
    }
    location.name += 'x'.repeat(bytes - JSON.stringify(location).length)
    return JSON.stringify(location)
  })
  return Buffer.from(texts.join(','))
}

const HEAD = Buffer.from('{"data":[')
const TAIL = Buffer.from('],"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}')

function answer(list: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const query = new URLSearchParams(request.url?.split('?')[1])
  const from = Number(query.get('offset') ?? 0)
  const to = Math.max(from, Math.min(objects, from + Number(query.get('limit') ?? objects)))
  const page = list.subarray(from * (bytes + 1), Math.max(from * (bytes + 1), to * (bytes + 1) - 1))
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': HEAD.length + page.length + TAIL.length,
    'X-Total-Count': objects,
    'X-Limit': objects,
  })
  response.write(HEAD)
  response.write(page)
  response.end(TAIL)
}

const ports: number[] = []
for (let n = 0; n < count; n++) {
  const list = createList(n)
  const server = createServer((request, response) => {
    if (answerAfterMs === 0) answer(list, request, response)
    else setTimeout(() => answer(list, request, response), answerAfterMs)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  ports.push((server.address() as AddressInfo).port)
}
answerQuestions<SourcesQuestion>((question) => {
  answerAfterMs = question.answerAfterMs
  return ports
})
