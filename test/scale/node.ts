import { NODE, TRAFFIC } from './assumptions.ts'
import { busiestHour, DAY_S, type Traffic } from './traffic.ts'

/** What a network takes on Node: in the busiest hour, in a second, unless it says otherwise. */
export type Machine = {
  readonly pushes: number
  readonly deliveries: number
  readonly directs: number
  readonly perReceiver: number
  /** Processors that are busy with the hub. */
  readonly processors: number
  readonly processes: number
  /** Rows that the database stores. */
  readonly rows: number
  readonly pushLogGbPerDay: number
  /** Most successful deliveries are only counted. */
  readonly messageLogGbPerDay: number
  readonly messageLogGbPerDayWithDeliveries: number
  /** Of all processes. */
  readonly memoryMb: number
}

export function machineOf(traffic: Traffic): Machine {
  const { directUs, deliveryUs, acceptUs, readUs, busyShare, processMb, platformKb } = NODE
  const { pushes, deliveries, directs, perReceiver } = busiestHour(traffic)
  const once = (directs * directUs.value + deliveries * deliveryUs.value + pushes * acceptUs.value) / 1e6
  const ofEachOther = (pushes * readUs.value) / 1e6
  // Each process reads what the others accept: what that takes it cannot give to its own work.
  const processes =
    once <= busyShare.value ? 1 : Math.ceil((once - ofEachOther) / Math.max(0, busyShare.value - ofEachOther))
  const processors = once + (processes - 1) * ofEachOther
  const loggedMost = processes * TRAFFIC.deliveryRows.value
  const exchanges = traffic.pushes + traffic.directs
  return {
    pushes,
    deliveries,
    directs,
    perReceiver,
    processors,
    processes,
    // A push is a row of the push log and one of the message log.
    rows: 2 * pushes + directs + Math.min(deliveries, loggedMost),
    pushLogGbPerDay: gbPerDay(traffic.pushes, TRAFFIC.pushRowKb.value),
    messageLogGbPerDay: gbPerDay(exchanges + Math.min(traffic.deliveries, loggedMost), TRAFFIC.messageRowKb.value),
    messageLogGbPerDayWithDeliveries: gbPerDay(exchanges + traffic.deliveries, TRAFFIC.messageRowKb.value),
    memoryMb: processes * (processMb.value + (traffic.platforms * platformKb.value) / 1000),
  }
}

function gbPerDay(perSecond: number, kb: number): number {
  return (perSecond * kb * DAY_S) / 1e6
}
