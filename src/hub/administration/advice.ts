import { type AdviceKey, HANDSHAKE_ADVICE, type Words } from './handshake-advice.ts'

/** Values of one case for the placeholders of its texts. No tokens, no bodies. */
export type Told = Readonly<Record<string, string>>

export type Advice = { readonly key: AdviceKey; readonly told: Told }

/** Longest value in a text, and longest text of a partner's that is kept anywhere here. */
const MOST_CHARACTERS = 300

export function advise(key: AdviceKey, told: Record<string, string | undefined> = {}): Advice {
  const values = Object.entries(told).flatMap(([name, value]) => (value === undefined ? [] : [[name, cutText(value)]]))
  return { key, told: Object.fromEntries(values) as Told }
}

export function adviceInWords({ key, told }: Advice): Words {
  const { title, advice, chapter }: Words = HANDSHAKE_ADVICE[key]
  return { title: filled(title, told), advice: filled(advice, told).replace(/\.\.$/, '.'), chapter }
}

/** Text of a partner's as it can be kept and shown: one line, cut to a length, and none that a database refuses. */
export function cutText(text: string, most = MOST_CHARACTERS): string {
  return text
    .slice(0, most)
    .replace(/\p{Cc}+/gu, ' ')
    .toWellFormed()
}

function filled(text: string, told: Told): string {
  return text.replace(/\{([a-z]+)\}/g, (_, name: string) => told[name] ?? 'unknown')
}
