import type { Misbehaviour } from '../hub/network/sandbox.ts'
import type { After } from '../hub/ports.ts'

/** What a slow partner takes for each answer, in milliseconds: long, and still within the time that the hub waits by default. */
export const SLOW_MS = 8_000
const COME_BACK_AFTER_S = 5

/**
 * An answer as a partner gives it that behaves so; null where it gets lost on its way. What is slow, malformed or lost was done before:
 * that is what makes such partners hard. Tiny pages are made where lists are.
 */
export async function misbehaving(
  how: Misbehaviour,
  after: After,
  answer: () => Promise<Response>,
): Promise<Response | null> {
  switch (how) {
    case 'none':
    case 'tiny-pages':
      return answer()
    case 'slow': {
      const answered = answer()
      await new Promise<void>((resolve) => void after(SLOW_MS, resolve))
      return answered
    }
    case '429':
      return new Response(null, { status: 429, headers: { 'Retry-After': String(COME_BACK_AFTER_S) } })
    case '5xx':
      return new Response('<html><body>Bad gateway</body></html>', {
        status: 502,
        headers: { 'Content-Type': 'text/html' },
      })
    case 'malformed': {
      const answered = await answer()
      const text = await answered.text()
      return new Response(text.slice(0, text.length / 2), { status: answered.status, headers: answered.headers })
    }
    case 'lost-answers':
      await answer()
      return null
  }
}
