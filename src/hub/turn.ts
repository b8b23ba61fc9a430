import type { After } from './ports.ts'

/** Lets everybody else have a turn: what takes many milliseconds is done some of them at a time. */
export type Turn = () => Promise<void>

export function turnsBy(after: After): Turn {
  return () => new Promise((resolve) => void after(0, resolve))
}
