import { readStatus } from '../../ocpi/envelope-status.ts'
import { membersOf } from '../../ocpi/json-members.ts'
import { OPEN_BRACE } from '../../ocpi/json-skip.ts'
import { keyOf, type Party, showParty } from '../../ocpi/party.ts'
import { inflatedInPassing } from '../corridor/inflated.ts'
import { requestHeaders } from '../corridor/request-headers.ts'
import { KeptByBytes } from '../kept-by-bytes.ts'
import { detailOf, exchangeOf, type Observe } from '../message/exchange.ts'
import { letGo } from '../message.ts'
import { isWithoutRouting } from '../network/dedicated.ts'
import { findParty, isPartyOf } from '../network/find-party.ts'
import { type CurrentTable, endpointOf, type Platform, pathAt, type RoutingTable } from '../network/routing-table.ts'
import type { Inflate, Now, Random, Send } from '../ports.ts'
import type { SeenObject } from './shadow.ts'

/**
 * A Location as its CPO has it; null where that has none of this id, `failed` where it does not say. Never rejects.
 *
 * @param since what it said before does not count, in milliseconds since the epoch. @default what was asked shortly before does
 */
export type AskLocation = (owner: Party, id: string, since?: number) => Promise<SeenObject | null | 'failed'>

export type AskLocationPorts = {
  readonly table: CurrentTable
  readonly send: Send
  readonly inflate: Inflate
  readonly observe: Observe
  readonly random: Random
  readonly now: Now
  readonly loopMark: string
  readonly timeoutMs: number
  readonly bufferBytes: number
  /** Who needs the same Location meanwhile waits for it too. */
  readonly waitsTogether: boolean
}

/** What was asked is not asked again for so long: sessions at one Location come one after the other. */
const KEPT_MS = 30_000
/** A CPO that fails may be well again. */
const FAILED_MS = 2_000
/** Of all that is kept: one Location may have as much as the hub reads of an answer. */
const MOST_BYTES = 8 * 1024 * 1024
/** Ids of OCPI have 39 characters at most. */
const LONGEST_ID = 255

type Asked = {
  readonly found: SeenObject | null | 'failed'
  /** When it was asked, in milliseconds since the epoch. */
  readonly at: number
  readonly until: number
}

/** Asks CPOs for Locations that were never seen. */
export function createAskLocation(ports: AskLocationPorts): AskLocation {
  const { now, waitsTogether } = ports
  const asking = new Map<string, { readonly finding: ReturnType<AskLocation>; readonly at: number }>()
  const answered = new KeptByBytes<Asked>(MOST_BYTES)

  async function askNow(key: string, at: number, owner: Party, id: string): ReturnType<AskLocation> {
    const found = await ask(ports, owner, id).catch(() => 'failed' as const)
    const until = now() + (found === 'failed' ? FAILED_MS : KEPT_MS)
    const bytes = found === null || found === 'failed' ? 0 : found.bytes.length
    answered.keep(key, { found, at, until }, bytes)
    if (asking.get(key)?.at === at) asking.delete(key)
    return found
  }

  return async (owner, id, since = 0) => {
    // Half a character, as JSON may have it, goes into no URL.
    if (id.length > LONGEST_ID || !id.isWellFormed()) return null
    const key = `${keyOf(owner)} ${id.toLowerCase()}`
    const known = answered.find(key)
    if (known && now() < known.until && (known.at >= since || known.found === 'failed')) return known.found
    const meanwhile = asking.get(key)
    if (meanwhile && meanwhile.at >= since) return meanwhile.finding
    const at = now()
    const finding = askNow(key, at, owner, id)
    if (waitsTogether) asking.set(key, { finding, at })
    return finding
  }
}

async function ask(ports: AskLocationPorts, owner: Party, id: string): ReturnType<AskLocation> {
  const { send, inflate, observe, random, now, loopMark, timeoutMs, bufferBytes } = ports
  const table = ports.table()
  const platform = holderIn(table, owner)
  const endpoint = platform && endpointOf(platform, 'locations', 'SENDER')
  const authorization = platform?.authorization() ?? null
  if (!platform?.version || !endpoint || authorization === null) return null
  const at = now()
  const target = `/${encodeURIComponent(id)}`
  const ids = { requestId: random.id(), correlationId: random.id() }
  const path = pathAt(endpoint, target)
  const headers = requestHeaders({
    ...{ authorization, ...ids, to: owner, from: table.hub, loopMark, isBodyReplaced: false, unlike: [] },
    ...{ received: ['Accept', 'application/json'], isWithoutRouting: isWithoutRouting(platform) },
  })
  const exchange = exchangeOf('hub-call', at, ids, 'locations', 'GET', target)
  exchange.forwardedRequestId = ids.requestId
  exchange.toPlatformId = platform.id
  exchange.fromParty = showParty(table.hub)
  exchange.toParty = showParty(owner)
  exchange.interfaceRole = 'SENDER'
  if (platform.sandbox) exchange.isTrial = true
  exchange.forwardedUrl = endpoint.origin + path
  exchange.requestHeaders = headers
  let found: SeenObject | null | 'failed' = 'failed'
  try {
    const { origin } = endpoint
    const result = await send({ origin, path, method: 'GET', headers, body: null, timeoutMs, bufferBytes })
    if (result.kind === 'failed') {
      exchange.failure = result.why
      exchange.detail = detailOf(result.detail)
    } else {
      exchange.httpStatus = result.status
      exchange.responseHeaders = result.headers
      const { body } = result
      if (!(body instanceof Uint8Array)) await letGo(body)
      else {
        exchange.responseBytes = body.length
        const plain = await inflatedInPassing(result.headers, body, inflate, platform.id, bufferBytes)
        exchange.ocpiStatus = plain && (readStatus(plain)?.statusCode ?? null)
        found = plain === null ? 'failed' : read(plain, result.status, exchange.ocpiStatus, platform.version)
      }
    }
  } catch (error) {
    exchange.failure = 'hub-failure'
    exchange.detail = detailOf(String(error))
  }
  exchange.durationMs = exchange.receiverMs = now() - at
  observe(exchange)
  return found
}

/** The platform that has the Locations of a party: what a sandbox partner sends names its own. */
function holderIn(table: RoutingTable, owner: Party): Platform | undefined {
  const party = findParty(table, keyOf(owner), 'locations', 'SENDER')
  if (party === 'several') return undefined
  if (party) return table.platforms.get(party.platformId)
  return [...(table.sandbox?.values() ?? [])].find((partner) => isPartyOf(partner, owner))
}

function read(
  plain: Uint8Array,
  status: number,
  ocpiStatus: number | null,
  version: string,
): SeenObject | null | 'failed' {
  const isRefused = ocpiStatus !== null && ocpiStatus >= 2000 && ocpiStatus < 3000
  if (status === 404 || (isRefused && status < 500)) return null
  if (status < 200 || status > 299 || (ocpiStatus !== null && ocpiStatus >= 2000)) return 'failed'
  const data = membersOf(plain)?.findLast(({ name }) => name === 'data')
  if (!data || plain[data.start] !== OPEN_BRACE) return null
  return { bytes: plain.slice(data.start, data.end), version, wasShown: false }
}
