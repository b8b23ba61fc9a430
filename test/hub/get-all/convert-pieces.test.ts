// Rules: a list of all in which the objects of one source cannot be converted.
import { expect, test } from 'vitest'
import { createCancel } from '../../../src/hub/cancel.ts'
import { createConvertPieces } from '../../../src/hub/get-all/convert-pieces.ts'
import type { Crawl } from '../../../src/hub/get-all/crawl.ts'
import { createPageReader } from '../../../src/hub/get-all/page.ts'
import type { Reached } from '../../../src/hub/get-all/reach.ts'
import { keyOf } from '../../../src/ocpi/party.ts'
import { platformOf } from '../translate/platform.ts'

const party = (partyId: string) => ({ countryCode: 'NL', partyId })
const text = '[{"id":"1"}]'
const piece = { bytes: new TextEncoder().encode(text), objects: [{ start: 1, end: text.length - 1, owner: null }] }

/** A page of the sources NL-OLD, whose objects are not to be looked up, and NL-NEW. */
async function pageOf(allowsPartialLists: boolean) {
  const convertPieces = createConvertPieces({
    translate: { list: (_, given) => Promise.reject(new Error(`away: ${given.bytes.length}`)) },
    after: (_, act) => {
      act()
      return () => {}
    },
  })
  const { readPage } = createPageReader({
    ...{ convertPieces, allowsPartialLists, now: () => 0, pageBytes: 1_000, doubts: { note: () => false } },
    readRange: async () => ({
      kind: 'read',
      pieces: [{ ...piece }],
      isAtEnd: true,
      gap: null,
      leftOut: 0,
      place: null,
    }),
    reach: (_, source) => reached(source.platformId),
  })
  const source = (platformId: string) => ({
    ...{ party: keyOf(party(platformId)), platformId, others: [], total: 1, said: 1, isExact: true, leftOut: 0 },
    ...{ beginning: '', paging: 'offset' as const, places: [], gap: null, missing: null },
  })
  const caller = { platform: platformOf('EMS', '2.2.1') }
  const plan = { id: 'plan', sources: [source('OLD'), source('NEW')], expiresAt: 1 }
  return readPage({ caller } as Crawl, plan, { offset: 0, limit: 10 }, 1, createCancel())
}

function reached(id: string): Reached {
  const platform = platformOf(id, id === 'OLD' ? '2.1.1' : '2.2.1')
  const destination = { platform, party: party(id), authorization: '' }
  return { kind: 'query', query: { destination, owners: new Set() } } as unknown as Reached
}

test('A source of which the hub cannot look up whose its objects are fails the page, by its name', async () => {
  expect(await pageOf(false)).toMatchObject({
    kind: 'failed',
    refusal: { kind: 'hub-failure', detail: expect.stringMatching(/NL-OLD.*cannot look up/) },
  })
})

test('Where lists may be partial the others are given, and status_message names it', async () => {
  const page = await pageOf(true)
  const body = page.kind === 'page' ? JSON.parse(new TextDecoder().decode(page.body)) : page
  expect(body).toMatchObject({ data: [{ id: '1' }], status_message: expect.stringContaining('without NL-OLD') })
})
