import type { Exchange } from '../../hub/message/exchange.ts'
import { type Outcome, outcomeOf } from '../../hub/message/outcome.ts'
import {
  HOUR_MS,
  type HourCount,
  MINUTE_MS,
  type MinuteCount,
  TOOK_UP_TO_MS,
  type TrafficCounted,
  UNKNOWN_MODULE,
} from '../../hub/message/traffic.ts'
import { isModuleIdentifier } from '../../ocpi/modules.ts'
import { moduleLabel } from './exchanges.ts'

/** Modules that are told apart: who makes up more of them makes up no more counts. */
const MOST_MODULES = 100
/** Counts that may wait for a database that is away: about 10 MB. Of 10,000 platforms with five modules in two hours. */
const MOST_COUNTS = 100_000

type Open<Count> = { -readonly [Field in keyof Count]: Count[Field] }
type OpenMinute = Open<Omit<MinuteCount, 'took'>> & { readonly took: number[] }

/** Exchanges of one module and outcome: the minute counted last, and the platforms of the hour counted last, are at hand. */
type Ledger = {
  readonly module: string
  readonly outcome: Outcome
  readonly minutes: Map<number, OpenMinute>
  readonly hours: Map<number, Hour>
  minute: OpenMinute | null
  hour: Hour | null
}

type Hour = {
  readonly at: number
  readonly callers: Map<string, Open<HourCount>>
  readonly called: Map<string, Open<HourCount>>
}

export type TrafficCounts = {
  /** Stands on the path of every message: a few look-ups, and nothing is made but the first of a minute or a platform. */
  readonly observe: (exchange: Exchange) => void
  /** Adds what was counted elsewhere, or could not be stored. */
  readonly add: (counted: TrafficCounted) => void
  readonly isEmpty: () => boolean
  /** All that was counted; counting begins anew. */
  readonly take: () => TrafficCounted
}

/** Counts exchanges by minute and, for each platform, by hour: those in which their requests came. */
export function createTrafficCounts(): TrafficCounts {
  let modules = new Map<string, Map<Outcome, Ledger>>()
  let counts = 0

  function ledgerOf(name: string, outcome: Outcome): Ledger {
    const isNamed = modules.has(name) || (modules.size < MOST_MODULES && isModuleIdentifier(name))
    const module = isNamed ? name : UNKNOWN_MODULE
    let outcomes = modules.get(module)
    if (!outcomes) modules.set(module, (outcomes = new Map()))
    let ledger = outcomes.get(outcome)
    if (!ledger) {
      ledger = { module, outcome, minutes: new Map(), hours: new Map(), minute: null, hour: null }
      outcomes.set(outcome, ledger)
    }
    return ledger
  }

  function minuteOf(ledger: Ledger, minute: number): OpenMinute | null {
    let found = ledger.minutes.get(minute) ?? null
    if (!found && counts < MOST_COUNTS) {
      const { module, outcome } = ledger
      found = { minute, module, outcome, n: 0, ms: 0, bytes: 0, took: TOOK_UP_TO_MS.map(() => 0) }
      ledger.minutes.set(minute, found)
      counts += 1
    }
    return (ledger.minute = found)
  }

  function hourOf(ledger: Ledger, at: number): Hour {
    let found = ledger.hours.get(at)
    if (!found) ledger.hours.set(at, (found = { at, callers: new Map(), called: new Map() }))
    return (ledger.hour = found)
  }

  function countPlatform(ledger: Ledger, hour: Hour, isCaller: boolean, platform: string, n: number, ms: number): void {
    const platforms = isCaller ? hour.callers : hour.called
    let found = platforms.get(platform)
    if (!found) {
      if (counts >= MOST_COUNTS) return
      const { module, outcome } = ledger
      platforms.set(platform, (found = { platform, hour: hour.at, isCaller, module, outcome, n: 0, ms: 0 }))
      counts += 1
    }
    found.n += n
    found.ms += ms
  }

  return {
    observe(exchange) {
      // What a connection check asks is asked by nobody, and tries faults on purpose.
      if (exchange.isTrial || exchange.kind === 'check') return
      const { at, durationMs, fromPlatformId, toPlatformId } = exchange
      const ledger = ledgerOf(moduleLabel(exchange), outcomeOf(exchange))
      const startOfMinute = at - (at % MINUTE_MS)
      const minute = ledger.minute?.minute === startOfMinute ? ledger.minute : minuteOf(ledger, startOfMinute)
      if (minute) {
        minute.n += 1
        minute.ms += durationMs
        minute.bytes += exchange.requestBytes + exchange.responseBytes
        let bucket = 0
        while (durationMs > (TOOK_UP_TO_MS[bucket] ?? 0)) bucket += 1
        minute.took[bucket] = (minute.took[bucket] ?? 0) + 1
      }
      const startOfHour = at - (at % HOUR_MS)
      const hour = ledger.hour?.at === startOfHour ? ledger.hour : hourOf(ledger, startOfHour)
      if (fromPlatformId !== null) countPlatform(ledger, hour, true, fromPlatformId, 1, durationMs)
      if (toPlatformId !== null) countPlatform(ledger, hour, false, toPlatformId, 1, durationMs)
    },
    add({ minutes, hours }) {
      for (const { minute, module, outcome, n, ms, bytes, took } of minutes) {
        const sum = minuteOf(ledgerOf(module, outcome), minute)
        if (!sum) continue
        sum.n += n
        sum.ms += ms
        sum.bytes += bytes
        took.forEach((count, bucket) => (sum.took[bucket] = (sum.took[bucket] ?? 0) + count))
      }
      for (const { platform, hour, isCaller, module, outcome, n, ms } of hours) {
        const ledger = ledgerOf(module, outcome)
        countPlatform(ledger, hourOf(ledger, hour), isCaller, platform, n, ms)
      }
    },
    isEmpty: () => modules.size === 0,
    take() {
      const ledgers = [...modules.values()].flatMap((outcomes) => [...outcomes.values()])
      modules = new Map()
      counts = 0
      const hours = ledgers.flatMap((ledger) => [...ledger.hours.values()])
      return {
        minutes: ledgers.flatMap((ledger) => [...ledger.minutes.values()]),
        hours: hours.flatMap(({ callers, called }) => [...callers.values(), ...called.values()]),
      }
    },
  }
}
