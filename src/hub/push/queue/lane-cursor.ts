import type { LaneCursor, Owed } from '../cursor.ts'
import type { Position } from './window.ts'

/** A lane as it is to be saved. */
export type SavedLane = Pick<LaneCursor, 'module' | 'unfinished' | 'readTo' | 'readAhead'> & {
  readonly position: Position
  readonly owed: Owed | undefined
}

/** The cursor of a lane: with senders left behind it says in `ahead` how far the others are. */
export function laneCursor({ position, unfinished, owed, ...rest }: SavedLane): LaneCursor {
  const { watermark, behind } = position
  const lane = { ...rest, ...(owed && { owed }) }
  if (behind.size === 0) return { ...lane, watermark, unfinished }
  const lowest = Math.min(watermark, ...behind.values())
  return {
    ...lane,
    watermark: lowest,
    unfinished: unfinished.filter((number) => number <= lowest),
    ahead: { watermark, unfinished, behind: Object.fromEntries(behind) },
  }
}
