import type { MiddlewareHandler } from 'hono'
import type { Now } from '../../hub/ports.ts'
import type { getOverview } from '../api/overview/overview.ts'
import type { AnswerOf, Api } from './api.ts'
import type { ConsoleEnv, Marks } from './console-env.ts'
import { counted } from './parts/figures.ts'

/** So old the marks may be, of what others change: one look at the database serves all pages of that time. */
const FRESH_MS = 5_000

/**
 * Has the marks of the side bar read beside what a page reads itself, so that no page is later for them. They are the same for everybody
 * who is signed in; whoever changes something finds them changed on the next page.
 */
export function withMarks({ now }: { readonly now: Now }): MiddlewareHandler<ConsoleEnv> {
  let kept: { readonly marks: Marks; readonly at: number } | null = null

  /** None where the API cannot say, and for a while: the page says so itself, or has better things to show than to wait for them. */
  async function read(api: Api): Promise<Marks> {
    if (kept !== null && now() - kept.at < FRESH_MS) return kept.marks
    const sent = await api.send<typeof getOverview>('get', '/overview').catch(() => null)
    kept = { marks: sent?.kind === 'done' ? marksOf(sent.body) : {}, at: now() }
    return kept.marks
  }

  return async (c, next) => {
    const isPage = c.req.method === 'GET' && !c.req.header('Accept')?.includes('text/event-stream')
    const begun = isPage ? read(c.get('api')) : null
    c.set('marks', () => begun ?? read(c.get('api')))
    await next()
    // What a request begins ends with it.
    await begun
    if (c.req.method === 'POST') kept = null
  }
}

function marksOf({ platforms, queues, pending_roles }: AnswerOf<typeof getOverview>): Marks {
  const { offline } = platforms
  const { paused, lagging } = queues
  return {
    ...mark('platforms', [
      [offline, `${offline} OFFLINE`],
      [pending_roles, counted(pending_roles, 'role waits', 'roles wait')],
    ]),
    ...mark('queues', [
      [paused, `${paused} paused`],
      [lagging, `${lagging} behind`],
    ]),
  }
}

function mark(section: keyof Marks, all: readonly (readonly [n: number, words: string])[]): Marks {
  const some = all.filter(([n]) => n > 0)
  if (some.length === 0) return {}
  const n = some.reduce((sum, [each]) => sum + each, 0)
  return { [section]: { n, words: some.map(([, words]) => words).join(', ') } }
}
