import type { Fate, Remark } from './conversion.ts'

/** Of one object. A partner that sends names without end does not fill the administrator's tables with them. */
export const MOST_REMARKS = 100
const LONGEST_NAME = 64

/** What is said of one object's conversion, each thing once. */
export class Remarks {
  readonly #said: Remark[] = []

  add(fate: Fate, pointer: string, reason: string): void {
    const said = this.#said
    if (said.length >= MOST_REMARKS) return
    // Mostly there are a few, which are compared faster than a key is made of each.
    for (const one of said) if (one.pointer === pointer && one.fate === fate && one.reason === reason) return
    said.push({ fate, pointer, reason })
  }

  get count(): number {
    return this.#said.length
  }

  /** Of something that is not sent after all: forgets what was invented or changed in it. */
  keepLosses(since: number): void {
    if (since === this.#said.length) return
    for (const remark of this.#said.splice(since)) {
      if (remark.fate === 'lost' || remark.fate === 'withheld') this.#said.push(remark)
    }
  }

  /** Whether a rule has said already of which member an object is withheld. */
  tellsWithheld(reason: string): boolean {
    return this.#said.some((remark) => remark.fate === 'withheld' && remark.reason === reason)
  }

  all(): readonly Remark[] {
    return this.#said
  }
}

/** A member's name in a pointer [RFC 6901, section 3], cut where it is endless. */
export function pointerPart(name: string): string {
  const short = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name
  return `/${/[~/]/.test(short) ? short.replaceAll('~', '~0').replaceAll('/', '~1') : short}`
}
