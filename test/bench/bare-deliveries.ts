import { randomUUID } from 'node:crypto'
import { Agent, request } from 'undici'
import { partyNumber } from './party-number.ts'
import { createPushObjects } from './push-objects.ts'
import { answerQuestions } from './questions.ts'

// The yardstick of deliveries: a loop over `undici.request` that sends the same bodies to the same partners and does nothing
// else. `node bare-deliveries.ts`

export type BareJob = {
  readonly ports: readonly number[]
  /** The platform number of the partner at the first port. */
  readonly firstPartner: number
  readonly owner: number
  readonly from: number
  readonly count: number
  readonly bytes: number
  /** Requests at once to each partner. */
  readonly concurrency: number
}

export type BareResult = { readonly wrong: number }

const dispatcher = new Agent()
const token = btoa(randomUUID())

async function run({ ports, firstPartner, owner, from, count, bytes, concurrency }: BareJob): Promise<BareResult> {
  const objects = createPushObjects(partyNumber(owner), bytes)
  const bodies = Array.from({ length: count }, (_, i) => objects.body(from + i))
  let wrong = 0
  const toPartner = (port: number, partner: number) => {
    const url = `http://127.0.0.1:${port}/${partner + firstPartner}/RECEIVER/locations`
    const { countryCode, partyId } = partyNumber(partner + firstPartner)
    let next = 0
    const drive = async () => {
      for (let i = next++; i < count; i = next++) {
        const { statusCode, body } = await request(url + objects.path(from + i), {
          method: 'PUT',
          headers: {
            Authorization: `Token ${token}`,
            'X-Request-ID': randomUUID(),
            'X-Correlation-ID': `bench-push-${from + i}`,
            'OCPI-from-country-code': 'NL',
            'OCPI-from-party-id': 'HUB',
            'OCPI-to-country-code': countryCode,
            'OCPI-to-party-id': partyId,
            'Content-Type': 'application/json',
          },
          body: bodies[i] as Buffer,
          dispatcher,
        })
        const text = await body.text()
        if (statusCode !== 200 || !text.includes('"status_code":1000')) wrong++
      }
    }
    return Array.from({ length: concurrency }, drive)
  }
  await Promise.all(ports.flatMap(toPartner))
  return { wrong }
}

answerQuestions<BareJob>(run)
