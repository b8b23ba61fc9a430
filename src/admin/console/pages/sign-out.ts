import type { Hono } from 'hono'
import type { signOut } from '../../api/session/session.ts'
import { seeOther } from '../answer.ts'
import { ApiProblem } from '../api.ts'
import type { ConsoleEnv } from '../console-env.ts'

/** Ends the session. A form, since a link could be followed by anybody's page. */
export function addSignOut(app: Hono<ConsoleEnv>): void {
  app.post('/admin/sign-out', async (c) => {
    const sent = await c.get('api').send<typeof signOut>('delete', '/session')
    if (sent.kind === 'problem') throw new ApiProblem(sent.problem)
    for (const cookie of sent.headers.getSetCookie()) c.header('Set-Cookie', cookie, { append: true })
    return seeOther(c, '/admin/sign-in', 'out')
  })
}
