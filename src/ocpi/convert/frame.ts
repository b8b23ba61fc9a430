import type { CompiledShape, Entry } from './compiled-table.ts'
import { pointerPart } from './remarks.ts'

/** An object on its way, and those around it. */
export class Frame {
  readonly parent: Frame | null
  readonly shape: CompiledShape
  /** Where the object begins in the source. */
  readonly from: number
  /** Not a PATCH: what is absent in it is absent. */
  readonly isWhole: boolean
  readonly isItem: boolean
  /** Nothing is carried to the target so far. */
  isEmpty = true
  /** Something was left out before anything was carried. */
  hasGap = false
  /** Behind the last member that was carried. */
  carriedTo: number
  /** Bits of inventions that are needless. */
  filled = 0
  /** Bits of checks to be made. */
  checks = 0
  /** Why this object is not said; null: it is. */
  withheld: string | null = null
  /** The name of the member at hand, in source and target. */
  sourceName = ''
  targetName = ''
  #seenLow = 0
  #seenHigh = 0

  constructor(parent: Frame | null, shape: CompiledShape, from: number, isWhole: boolean, isItem: boolean) {
    this.parent = parent
    this.shape = shape
    this.from = from
    this.isWhole = isWhole
    this.isItem = isItem
    this.carriedTo = from + 1
  }

  /** Whether a member of this name has been here before. Now it has. */
  sees({ index }: Entry): boolean {
    const bit = 1 << (index & 31)
    if (index < 32) {
      if ((this.#seenLow & bit) !== 0) return true
      this.#seenLow |= bit
    } else {
      if ((this.#seenHigh & bit) !== 0) return true
      this.#seenHigh |= bit
    }
    return false
  }

  /** From the whole to this object, as `/evses/*`: in names of the source, or of the target. */
  pointer(isOfSource: boolean): string {
    if (this.parent === null) return ''
    const { sourceName, targetName } = this.parent
    const name = pointerPart(isOfSource ? sourceName : targetName)
    return `${this.parent.pointer(isOfSource)}${name}${this.isItem ? '/*' : ''}`
  }
}
