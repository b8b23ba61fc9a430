import { deepStrictEqual } from 'node:assert'
import { request } from 'undici'
import type { LoadResult } from './load.ts'
import { partyNumber } from './party-number.ts'
import { cpuMicroseconds, freePort, load, PINS, type Started, start } from './processes.ts'
import { median, type Row, ratios, spread } from './table.ts'
import type { Target } from './targets.ts'

const here = (file: string) => new URL(file, import.meta.url).pathname

/** A partner that answers at once, on the processor of the load. */
export async function startUpstream(): Promise<{ origin: string; process: Started }> {
  const port = await freePort()
  const process = await start('upstream', [here('upstream.ts'), String(port)], PINS?.others)
  return { origin: `http://127.0.0.1:${port}`, process }
}

/** The same exchange for each target: platform 1 asks another, or pushes to it. */
export function exchange(method: 'GET' | 'PUT', target: Target, token: string, receiver = 0): string {
  const [to, from] = [partyNumber(receiver), partyNumber(1)]
  const isHub = target.name.startsWith('hub')
  const path =
    method === 'GET'
      ? `${target.path}/${isHub ? 'sender' : 'SENDER'}/locations?limit=1`
      : `${target.path}/${isHub ? 'receiver' : 'RECEIVER'}/tokens/${from.countryCode}/${from.partyId}/TOKEN1`
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: hub.example',
    `Authorization: Token ${btoa(token)}`,
    'X-Request-ID: 6d3c2b1a-0000-4000-8000-000000000001',
    'X-Correlation-ID: 6d3c2b1a-0000-4000-8000-000000000002',
    `OCPI-to-country-code: ${to.countryCode}`,
    `OCPI-to-party-id: ${to.partyId}`,
    `OCPI-from-country-code: ${from.countryCode}`,
    `OCPI-from-party-id: ${from.partyId}`,
    'Accept: application/json',
  ]
  if (method === 'GET') return `${head.join('\r\n')}\r\n\r\n`
  const object = { country_code: from.countryCode, party_id: from.partyId, uid: 'TOKEN1', issuer: '' }
  object.issuer = 'x'.repeat(2048 - JSON.stringify(object).length)
  const body = JSON.stringify(object)
  return `${[...head, 'Content-Type: application/json', `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`
}

/** What a target answers, which must say the same as the partner's answer: another hub may write it in another order. */
export async function answerOf(target: Target, bytes: string, same: string): Promise<string> {
  const [line = '', ...rest] = (bytes.split('\r\n\r\n')[0] ?? '').split('\r\n')
  const [method = '', path = ''] = line.split(' ')
  const headers = Object.fromEntries(rest.map((header) => header.split(': ')))
  const body = bytes.slice(bytes.indexOf('\r\n\r\n') + 4) || null
  const answer = await request(`http://127.0.0.1:${target.port}${path}`, { method, headers, body })
  const text = await answer.body.text()
  deepStrictEqual(JSON.parse(text), JSON.parse(same))
  return text
}

export type Measured = { readonly target: Target; readonly results: LoadResult[]; readonly cpuMicros: number[] }

export type Job = { readonly target: Target; readonly request: string; readonly body: string }

/** V8 compiles for as many requests as come in about so long, beside the process on its one processor. */
const WARM_UP_SECONDS = 5

/** Interleaved runs: one of each target, again and again, so that a machine that drifts drifts for all. */
export async function measure(
  targets: readonly Job[],
  options: { readonly runs: number; readonly seconds: number; readonly connections: number },
): Promise<Measured[]> {
  const measured = targets.map(({ target }) => ({ target, results: [] as LoadResult[], cpuMicros: [] as number[] }))
  for (const { target, request, body } of targets) {
    await load({ ...options, seconds: WARM_UP_SECONDS, port: target.port, request, body })
  }
  for (let run = 0; run < options.runs; run++) {
    for (const [index, { target, request: bytes, body }] of targets.entries()) {
      const before = cpuMicroseconds(target.process.pid)
      const result = await load({ ...options, port: target.port, request: bytes, body })
      if (result.wrong > 0) throw new Error(`${target.name}: ${result.wrong} wrong answers`)
      measured[index]?.results.push(result)
      const share = options.seconds / (options.seconds + 0.5)
      measured[index]?.cpuMicros.push(((cpuMicroseconds(target.process.pid) - before) * share) / result.requests)
    }
  }
  return measured
}

/** Requests per second and processor time of each, and against the first. */
export function compare(title: string, measured: readonly Measured[]): Row[] {
  const [yardstick] = measured
  if (!yardstick) return []
  return measured.map(({ target, results, cpuMicros }) => {
    const rates = results.map((result) => result.perSecond)
    const against = ratios(
      rates,
      yardstick.results.map((result) => result.perSecond),
    )
    return {
      measure: title,
      what: target.name,
      figures: {
        'req/s': spread(rates, 0),
        'against bare': spread(against, 2),
        'p50 ms': median(results.map((result) => result.p50Ms)).toFixed(3),
        'p99 ms': median(results.map((result) => result.p99Ms)).toFixed(3),
        'cpu µs/req': median(cpuMicros).toFixed(0),
      },
    }
  })
}
