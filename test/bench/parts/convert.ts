import { type Context, DEFAULT_CONVERSION } from '../../../src/ocpi/convert/conversion.ts'
import { convertObject } from '../../../src/ocpi/convert/convert.ts'
import { convertData } from '../../../src/ocpi/convert/list.ts'
import { nowMs } from '../questions.ts'
import type { Stage } from '../stage.ts'
import { atMost, median, type Row, ratios, spread } from '../table.ts'

const PAGE_BYTES = 750_000
/** As it comes from a partner. */
const PIECE_BYTES = 64 * 1024
/** In one run, one after the other with what it is compared with. */
const PAGES = 20

const CONTEXT: Context = {
  settings: DEFAULT_CONVERSION,
  sourceSettings: DEFAULT_CONVERSION,
  owner: { countryCode: 'NL', partyId: 'CPO' },
  counterpart: null,
  now: () => '2026-11-30T12:00:00Z',
}

const WAYS = [
  { from: '2.3.0', to: '2.2.1', goal: 1.6 },
  { from: '2.2.1', to: '2.3.0', goal: 1.6 },
  { from: '2.2.1', to: '2.1.1', goal: 1.6 },
]

/** A page of Locations from one version to another as it streams through, beside a tree made of the page and text of the tree. */
export async function benchConvert({ runs }: Stage): Promise<Row[]> {
  const page = new TextEncoder().encode(JSON.stringify({ data: locations(), status_code: 1000 }))
  const trees: number[] = []
  const ways = WAYS.map((way) => ({ ...way, ms: [] as number[] }))
  for (let run = -1; run < runs; run++) {
    const took = ways.map(() => 0)
    let treeTook = 0
    for (let i = 0; i < PAGES; i++) {
      const startedAt = nowMs()
      asTree(page)
      treeTook += nowMs() - startedAt
      for (const [index, { from, to }] of ways.entries()) {
        const wayAt = nowMs()
        await convertPage(page, from, to)
        took[index] = (took[index] as number) + nowMs() - wayAt
      }
    }
    // The first warms up.
    if (run < 0) continue
    trees.push(treeTook / PAGES)
    for (const [index, { ms }] of ways.entries()) ms.push((took[index] as number) / PAGES)
  }
  const measure = `Conversion of a page of Locations, ${(page.length / 1000).toFixed(0)} KB`
  return [
    { measure, what: 'JSON.parse and JSON.stringify', figures: { ms: spread(trees, 1) } },
    ...ways.map(({ from, to, ms, goal }): Row => {
      const against = ratios(ms, trees)
      return {
        measure,
        what: `${from} to ${to}`,
        figures: { ms: spread(ms, 1), 'against JSON': spread(against, 2) },
        goal: atMost(median(against), goal),
      }
    }),
  ]
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

function asTree(page: Uint8Array): Uint8Array {
  return encoder.encode(JSON.stringify(JSON.parse(decoder.decode(page))))
}

async function convertPage(page: Uint8Array, from: string, to: string): Promise<void> {
  const objects = { kind: 'location', isPatch: false } as const
  const conversion = {
    to,
    convert(object: Uint8Array) {
      const converted = convertObject(object, objects, from, to, CONTEXT)
      return converted.kind === 'converted' ? converted.bytes : null
    },
    broken(why: string) {
      throw new Error(why)
    },
  }
  let bytes = 0
  for await (const piece of convertData(piecesOf(page), conversion)) bytes += piece.length
  if (bytes === 0) throw new Error('Expected something to come out')
}

async function* piecesOf(page: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < page.length; at += PIECE_BYTES) yield page.subarray(at, at + PIECE_BYTES)
}

/** Of 2.3.0, with what 2.2.1 does not have. */
function locations(): readonly unknown[] {
  const one = (id: number) => ({
    country_code: 'NL',
    party_id: 'CPO',
    id: `LOC${id}`,
    publish: true,
    name: 'Gare Centrale',
    address: 'Rue de la Gare 1',
    city: 'Ghent',
    postal_code: '9000',
    country: 'BEL',
    coordinates: { latitude: '51.047599', longitude: '3.729944' },
    parking_type: 'ON_STREET',
    evses: [1, 2].map((number) => ({
      uid: `EVSE${id}-${number}`,
      evse_id: `BE*CPO*E${id}*${number}`,
      status: 'AVAILABLE',
      capabilities: ['RESERVABLE', 'REMOTE_START_STOP_CAPABLE', 'UNLOCK_CAPABLE'],
      connectors: ['IEC_62196_T2', 'IEC_62196_T2_COMBO'].map((standard, connector) => ({
        id: String(connector),
        standard,
        format: 'CABLE',
        power_type: 'AC_3_PHASE',
        max_voltage: 220,
        max_amperage: 16,
        tariff_ids: ['11'],
        last_updated: '2026-11-30T12:00:00Z',
      })),
      parking: [{ parking_id: '1', evse_position: 'LEFT' }],
      physical_reference: String(number),
      floor_level: '-1',
      last_updated: '2026-11-30T12:00:00Z',
    })),
    parking_places: [
      { id: '1', vehicle_types: ['PERSONAL_VEHICLE'], restricted_to_type: false, reservation_required: false },
    ],
    operator: { name: 'BeCharged' },
    time_zone: 'Europe/Brussels',
    opening_times: { twentyfourseven: true },
    help_phone: '+3290000000',
    last_updated: '2026-11-30T12:00:00Z',
  })
  const count = Math.ceil(PAGE_BYTES / JSON.stringify(one(0)).length)
  return Array.from({ length: count }, (_, id) => one(id))
}
