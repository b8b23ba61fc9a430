import type { Fate, Remark } from './conversion.ts'

/** Of one object. A partner that sends names without end does not fill the administrator's tables with them. */
export const MOST_REMARKS = 100
const LONGEST_NAME = 64

/** What is said of one object's conversion, each thing once. */
export class Remarks {
  readonly #said: Remark[] = []
  readonly #keys = new Set<string>()

  add(fate: Fate, pointer: string, reason: string): void {
    if (this.#said.length >= MOST_REMARKS) return
    const remark = { fate, pointer, reason }
    const key = keyOf(remark)
    if (this.#keys.has(key)) return
    this.#keys.add(key)
    this.#said.push(remark)
  }

  get count(): number {
    return this.#said.length
  }

  /** Of something that is not sent after all: forgets what was invented or changed in it. */
  keepLosses(since: number): void {
    if (since === this.#said.length) return
    for (const remark of this.#said.splice(since)) {
      if (remark.fate === 'lost' || remark.fate === 'withheld') this.#said.push(remark)
      else this.#keys.delete(keyOf(remark))
    }
  }

  all(): readonly Remark[] {
    return this.#said
  }
}

function keyOf({ fate, pointer, reason }: Remark): string {
  return `${fate} ${pointer} ${reason}`
}

/** A member's name in a pointer [RFC 6901, section 3], cut where it is endless. */
export function pointerPart(name: string): string {
  const short = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name
  return `/${/[~/]/.test(short) ? short.replaceAll('~', '~0').replaceAll('/', '~1') : short}`
}
