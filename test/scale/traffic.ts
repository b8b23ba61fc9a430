import { TRAFFIC } from './assumptions.ts'

export const DAY_S = 86_400

export type Network = { readonly platforms: number; readonly chargePoints: number }

/** What a network does in a second, on the mean. */
export type Traffic = Network & {
  readonly pushes: number
  readonly deliveries: number
  readonly directs: number
  /** Platforms that pushes are for. */
  readonly receivers: number
  /** Deliveries to one of them. */
  readonly perReceiver: number
}

export function trafficOf({ platforms, chargePoints }: Network): Traffic {
  const { pushesPerPoint, directsPerPoint, receiversPerPush, receivingShare } = TRAFFIC
  const receivers = Math.max(1, Math.round(platforms * receivingShare.value))
  const pushes = (chargePoints * pushesPerPoint.value) / DAY_S
  const deliveries = pushes * Math.min(receiversPerPush.value, receivers)
  return {
    platforms,
    chargePoints,
    pushes,
    deliveries,
    directs: (chargePoints * directsPerPoint.value) / DAY_S,
    receivers,
    perReceiver: deliveries / receivers,
  }
}

export function busiestHour(traffic: Traffic): Traffic {
  const times = TRAFFIC.busiestHour.value
  return {
    ...traffic,
    pushes: times * traffic.pushes,
    deliveries: times * traffic.deliveries,
    directs: times * traffic.directs,
    perReceiver: times * traffic.perReceiver,
  }
}

/**
 * Calls a second of something that goes at once and then waits `everyS`, with what came meanwhile, when events come at random
 * `rate` times a second. 0.01 a second: nearly one call each. 100 a second and 0.25 s: 4.
 */
export function gathered(rate: number, everyS: number): number {
  return rate === 0 ? 0 : 1 / (everyS + Math.exp(-rate * everyS) / rate)
}

/** The share of time in which something is awake that rests `restS` after the last of events that come at random. */
export function awakeShare(rate: number, restS: number): number {
  return 1 - Math.exp(-rate * restS)
}
