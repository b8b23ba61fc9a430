import { detailOf } from '../hub/message/exchange.ts'
import type { CurrentTable, Platform } from '../hub/network/routing-table.ts'
import type { SandboxMemory, TrialStep, TryOut } from '../hub/network/sandbox.ts'
import type { After, Now, Send } from '../hub/ports.ts'
import { StoreUnavailable } from '../hub/store-unavailable.ts'
import { sideOf } from '../ocpi/sides.ts'
import { tokenCandidates } from '../ocpi/token-header.ts'
import { withSandbox } from './answering.ts'
import { createPartner, type Partner } from './partner.ts'
import type { PartyName } from './party/objects.ts'
import { isSuccess, showAnswer } from './party/wire.ts'
import type { ToHub } from './to-hub.ts'
import { runTrial, type Told } from './trials.ts'

/** What a station takes to act, in milliseconds. */
const STATION_MS = 200

export type Sandbox = {
  /** Sends to sandbox partners within the process, and to all others as before. */
  readonly sendWith: (send: Send) => Send
  readonly tryOut: TryOut
}

/** The sandbox partners of a hub: answering it, and calling it. */
export function createSandbox(ports: {
  readonly table: CurrentTable
  readonly memory: SandboxMemory
  readonly toHub: ToHub
  readonly publicUrl: string
  readonly now: Now
  readonly after: After
  /** Runs what goes on behind an answer, which has the means of its request for as long. It never rejects. */
  readonly behind: (work: () => Promise<void>) => void
  readonly newId: () => string
}): Sandbox {
  const { table, memory, toHub, publicUrl, now, after, behind, newId } = ports

  /** @param onStep told of each call that it makes */
  function partnerAt(platform: Platform, onStep: (step: TrialStep) => void = () => undefined): Partner {
    const [party] = platform.parties
    const from = { country_code: party?.countryCode ?? '', party_id: party?.partyId ?? '' }
    return createPartner(platform, {
      memory,
      publicUrl,
      async send({ url, method, to, body, what }) {
        const correlationId = newId()
        const request = { method, url, token: tokenOf(platform), from, ...(to && { to }), body }
        const answer = await toHub(request, correlationId)
        onStep({
          what: detailOf(typeof what === 'string' ? what : what(answer)),
          correlationId,
          httpStatus: answer.status,
          ocpiStatus: answer.ocpiStatus,
          isGood: isSuccess(answer),
          detail: detailOf(showAnswer(answer)),
        })
        return answer
      },
      later: (act) => void after(STATION_MS, () => behind(() => act().then(ignore, ignore))),
    })
  }

  const tryOut: TryOut = async (platformId, partnerId, trial) => {
    const trier = table().platforms.get(platformId)
    if (!trier) return { kind: 'unknown-platform' }
    const platform = trier.tries?.includes(partnerId) ? table().sandbox?.get(partnerId) : undefined
    if (!platform) return { kind: 'unknown-partner' }
    const steps: TrialStep[] = []
    const partner = partnerAt(platform, (step) => void steps.push(step))
    const party = counterpartOf(trier, partner)
    if (typeof party === 'string') return { kind: 'not-ready', detail: party }
    const { isGood, detail } = await runTrial(partner, trial, party).catch(asTold)
    return { kind: 'tried', steps, isGood, detail: detailOf(detail) }
  }

  return {
    sendWith: (send) =>
      withSandbox(send, { table, after, now, answer: (platform, request) => partnerAt(platform).fetch(request) }),
    tryOut,
  }
}

function ignore(): void {}

/** What a platform answers may break a trial off: that is what came of it. */
function asTold(error: unknown): Told {
  if (error instanceof StoreUnavailable) throw error
  return { isGood: false, detail: `It ended halfway: ${error instanceof Error ? error.message : String(error)}` }
}

/** The one token by which the hub and a partner know each other. */
function tokenOf(platform: Platform): string {
  return tokenCandidates(platform.authorization() ?? undefined, true)[0] ?? ''
}

/** The party that a partner has to do with; words where there is none. */
function counterpartOf({ name, status, parties, authorization }: Platform, { role }: Partner): PartyName | string {
  if (authorization() === null) return `${name} has not exchanged credentials yet`
  if (status === 'SUSPENDED' || status === 'OFFLINE') return `${name} is ${status}`
  const side = role === 'CPO' ? 'emsp' : 'cpo'
  const party = parties.find(({ roles }) =>
    roles.some((each) => each.status === 'ACTIVE' && sideOf(each.role) === side),
  )
  if (!party) return `${name} has no ${role === 'CPO' ? 'eMSP' : 'CPO'}`
  return { country_code: party.countryCode, party_id: party.partyId }
}
