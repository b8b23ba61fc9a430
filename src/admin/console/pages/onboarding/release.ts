import type { Context, Hono } from 'hono'
import type { getPlatform } from '../../../api/platforms/platforms.ts'
import type { release } from '../../../api/platforms/release.ts'
import { seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'

/** The end of the hold before going live. */
export function addReleasePages(app: Hono<ConsoleEnv>): void {
  const path = '/admin/onboarding/:id/release'
  app.get(path, onlyWhoMay('POST /platforms/{id}/release'), (c) => showRelease(c, c.req.param('id')))

  app.post(path, async (c) => {
    const id = c.req.param('id')
    const form = await readForm(c)
    const body = { reason: form.maybe('reason') }
    const sent = await c.get('api').send<typeof release>('post', '/platforms/{id}/release', { params: { id }, body })
    if (sent.kind === 'done') return seeOther(c, `/admin/onboarding/${id}`, 'released')
    return showRelease(c, id, sent.problem, form.text('reason'))
  })
}

async function showRelease(c: Context<ConsoleEnv>, id: string, problem?: Problem, reason = '') {
  const { name } = await c.get('api').get<typeof getPlatform>('/platforms/{id}', { params: { id } })
  const title = `Release ${name}`
  const page = confirmPage({
    title,
    above: [name, `/admin/onboarding/${id}`],
    consequences: [
      'It goes live: at once where its handshake is done, or with that.',
      'The others are told that it is CONNECTED, and it gets what is pushed from then on.',
      'To take it back, suspend it.',
    ],
    action: `/admin/onboarding/${id}/release`,
    verb: 'Release',
    reason,
    problem,
  })
  return showPage(c, { title, section: 'onboarding', status: (problem?.status ?? 200) as 200 }, page)
}
