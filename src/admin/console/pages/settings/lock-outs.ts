import type { Hono } from 'hono'
import type { liftLockOut, listLockOuts } from '../../../api/accounts/lock-outs.ts'
import { seeOther } from '../../answer.ts'
import { type AnswerOf, ApiProblem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { act, card } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { table } from '../../parts/table.ts'
import { ago, clock } from '../../parts/time.ts'

type LockOut = AnswerOf<typeof listLockOuts>[number]

const LOCK_OUTS = '/admin/settings/lock-outs'

/** Lifts a lock-out, and leads back to the people. */
export function addLockOutPages(app: Hono<ConsoleEnv>): void {
  app.post(`${LOCK_OUTS}/:id/lift`, async (c) => {
    const params = { id: c.req.param('id') }
    const sent = await c.get('api').send<typeof liftLockOut>('delete', '/lock-outs/{id}', { params })
    const isOver = sent.kind === 'problem' && sent.problem.status === 404
    if (sent.kind === 'problem' && !isOver) throw new ApiProblem(sent.problem)
    return seeOther(c, '/admin/settings/people', isOver ? 'over' : 'lifted')
  })
}

/** Who is shut out for a time; nothing while nobody is. */
export function lockOutCard(lockOuts: readonly LockOut[]): Html | '' {
  if (lockOuts.length === 0) return ''
  const rows = table(
    'Locked out',
    [
      { head: 'Name', cell: ({ name }) => name ?? html`<span class="dim">any, and tokens</span>`, is: 'grow' },
      { head: 'From', cell: ({ address }) => address, is: 'mono' },
      { head: 'Since', cell: ({ since }) => ago(since), is: 'hide-s' },
      { head: 'Next try', cell: ({ next_try_at }) => clock(next_try_at), is: 'hide-s' },
      { head: '', cell: ({ id }) => act(`${LOCK_OUTS}/${id}/lift`, 'Lift') },
    ],
    lockOuts,
    html``,
  )
  return card('Locked out after too many failed sign-ins', rows)
}
