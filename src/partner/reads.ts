import type { Attempt } from '../hub/administration/handshake-attempts.ts'
import type { ProbeName } from '../hub/check/check.ts'
import type { AskByPartner, CheckReport, CheckRun } from '../hub/check/runs/check-runs.ts'
import type { MessageDetail, MessageFilter, MessagePage, MessageSummary } from '../hub/message/message-query.ts'
import { type Sides, sidesOf } from '../hub/message/own-side.ts'
import type { PlatformRecord } from '../hub/network/registry.ts'
import type { SandboxRole, Trial, TrialResult } from '../hub/network/sandbox.ts'
import type { MissedPlace, MissedView, QueueView } from '../hub/push/drain/queue-admin.ts'
import type { RemarkSum } from '../hub/translate/conversion-counts.ts'
import type { Party } from '../ocpi/party.ts'
import type { ReadPorts } from './ports.ts'

/** What a partner may look for among its own messages. Null leaves a filter out. */
export type OwnFilter = Pick<
  MessageFilter,
  'party' | 'module' | 'outcome' | 'correlationId' | 'requestId' | 'objectKey' | 'since' | 'until'
>

/** With the sides on which the platform itself was: of the other one nothing may be shown. */
export type Own<M> = { readonly message: M; readonly sides: Sides }

/** A check of the connection as its platform is shown it: with what the one before found, and with the faults that are let pass. */
export type OwnCheck = {
  readonly report: CheckReport
  readonly before: CheckReport | null
  readonly waived: ReadonlySet<ProbeName>
}

/** A simulated partner that the platform tries the hub with. */
export type TriedPartner = {
  readonly id: string
  readonly name: string
  readonly party: Party
  readonly role: SandboxRole
}

/** What was not carried as it was, without whose it was or who got it. */
export type Loss = Omit<RemarkSum, 'platform'>

/** All that partners read, of one platform, and the little that they have done with it. */
export type PartnerReads = {
  /** Null: it was removed. */
  readonly platform: () => Promise<PlatformRecord | null>
  /** The newest first. */
  readonly attempts: (limit: number) => Promise<readonly Attempt[]>
  /** Null before it connects for the first time; so is `missed`. */
  readonly queue: () => Promise<QueueView | null>
  readonly missed: (limit: number, after: MissedPlace | null) => Promise<readonly MissedView[] | null>
  readonly messages: (filter: OwnFilter, page: MessagePage) => Promise<readonly Own<MessageSummary>[]>
  /** Null as well for a message that is not its own. */
  readonly message: (id: string) => Promise<Own<MessageDetail> | null>
  readonly logStart: () => Promise<number | null>
  /** What conversions toward it did not carry as it was, most frequent first. */
  readonly losses: (limit: number) => Promise<readonly Loss[]>
  /** The same of what it sends, toward whomever. */
  readonly lossesOfOwn: (limit: number) => Promise<readonly Loss[]>
  /** The newest first. */
  readonly checks: () => Promise<readonly CheckRun[]>
  readonly check: (number: number) => Promise<OwnCheck | null>
  readonly askCheck: () => ReturnType<AskByPartner>
  readonly tried: () => readonly TriedPartner[]
  /** Has one of those do something with the platform. */
  readonly tryOut: (partnerId: string, trial: Trial) => Promise<TrialResult>
}

const ANY = { source: null, from: null, to: null, kind: null, fate: null } as const

/** The one place where the platform is put into what partners ask: no page names another one, so no id that is guessed leads to it. */
export function createPartnerReads(ports: ReadPorts, platformId: string): PartnerReads {
  const { registry, attempts, queues, messages, checks, now } = ports

  function owned<M extends MessageSummary>(message: M): Own<M> | null {
    const sides = sidesOf(message, platformId)
    return sides.asked || sides.wasCalled ? { message, sides } : null
  }

  return {
    platform: () => registry.findPlatform(platformId),
    async attempts(limit) {
      const found = await attempts.find({ platformId }, limit, null)
      return found.filter((attempt) => attempt.platformId === platformId)
    },
    queue: () => queues.find(platformId, now()),
    missed: (limit, after) => queues.missed(platformId, limit, after),
    async messages(filter, page) {
      const own = { platformId, ownSideOf: platformId, kind: null, client: null }
      const found = await messages.find({ ...filter, ...own, httpStatus: null, ocpiStatus: null }, page)
      return found.flatMap((message) => owned(message) ?? [])
    },
    async message(id) {
      const message = await messages.one(id)
      return message && owned(message)
    },
    logStart: messages.start,
    losses: (limit) => ports.conversions.remarks({ ...ANY, platform: platformId }, 0, limit),
    lossesOfOwn: (limit) => ports.conversions.sent(platformId, limit),
    checks: () => checks.list(platformId),
    async check(number) {
      const report = await checks.find(platformId, number)
      if (report === null) return null
      const [before, waivers] = await Promise.all([checks.findBefore(platformId, number), checks.waivers(platformId)])
      return { report, before, waived: new Set(waivers.map(({ probe }) => probe)) }
    },
    askCheck: () => ports.askCheck(platformId),
    tried() {
      const { platforms, sandbox } = ports.currentTable()
      return (platforms.get(platformId)?.tries ?? []).flatMap((id) => {
        const partner = sandbox?.get(id)
        const party = partner?.parties[0]
        if (!partner || !party) return []
        const role = party.roles.some((one) => one.role === 'CPO') ? 'CPO' : 'EMSP'
        return [{ id, name: partner.name, party, role }]
      })
    },
    tryOut: (partnerId, trial) => ports.tryOut(platformId, partnerId, trial),
  }
}
