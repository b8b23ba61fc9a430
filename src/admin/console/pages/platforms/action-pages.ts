import type { Context, Hono } from 'hono'
import type { check, disconnect, resume, rotate, suspend } from '../../../api/platforms/connection.ts'
import type { deletePlatform, getPlatform } from '../../../api/platforms/platforms.ts'
import type { endOlderTokens } from '../../../api/platforms/registration.ts'
import type { release } from '../../../api/platforms/release.ts'
import { type PageOptions, seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { showProblem } from '../../problems.ts'
import type { Platform } from '../../views.ts'
import { ACTIONS, type Action } from './actions.ts'

type Route =
  | typeof rotate
  | typeof suspend
  | typeof resume
  | typeof release
  | typeof endOlderTokens
  | typeof disconnect
  | typeof deletePlatform

/** What will happen if I do? A page before each action, and the action. */
export function addPlatformActions(app: Hono<ConsoleEnv>): void {
  for (const action of ACTIONS) {
    const path = `/admin/platforms/:id{[0-9a-f-]{36}}/${action.key}`
    app.get(path, onlyWhoMay(action.route), async (c) => ask(c, action, await platformOf(c), {}))
    app.post(path, async (c) => {
      const form = await readForm(c)
      const id = c.req.param('id') ?? ''
      const input = { params: { id }, body: { reason: form.maybe('reason') } }
      const sent = await c.get('api').send<Route>(...called(action), input)
      if (sent.kind === 'done')
        return seeOther(c, action.key === 'remove' ? '/admin/platforms' : `/admin/platforms/${id}`, action.done)
      return ask(c, action, await platformOf(c), { problem: sent.problem, reason: form.text('reason') })
    })
  }

  app.post('/admin/platforms/:id{[0-9a-f-]{36}}/check', async (c) => {
    const params = { id: c.req.param('id') }
    const sent = await c.get('api').send<typeof check>('post', '/platforms/{id}/check', { params })
    if (sent.kind === 'problem') return showProblem(c, sent.problem)
    return seeOther(c, `/admin/platforms/${params.id}`, sent.body.is_alive ? 'alive' : 'silent')
  })
}

/** `POST /platforms/{id}/suspend`, as the API is asked. */
function called({ route }: Action): [Route['method'], Route['path']] {
  const [method = '', path] = route.split(' ')
  return [method.toLowerCase() as Route['method'], path as Route['path']]
}

/** The platform in the address of a page below it. */
export function platformOf(c: Context<ConsoleEnv>): Promise<Platform> {
  return c.get('api').get<typeof getPlatform>('/platforms/{id}', { params: { id: c.req.param('id') ?? '' } })
}

/** A page of a platform: what it says to a refusal has the status of that. */
export function optionsOf(title: string, problem: Problem | undefined): PageOptions {
  return { title, section: 'platforms', ...(problem && { status: problem.status as 409 }) }
}

function ask(
  c: Context<ConsoleEnv>,
  action: Action,
  platform: Platform,
  before: { readonly problem?: Problem; readonly reason?: string },
) {
  const { key, verb, isRisky } = action
  const title = `${verb}: ${platform.name}`
  const above = `/admin/platforms/${platform.id}`
  return showPage(
    c,
    optionsOf(title, before.problem),
    confirmPage({
      title,
      above: [platform.name, above],
      consequences: action.consequences(platform),
      action: `${above}/${key}`,
      verb,
      isRisky,
      ...before,
    }),
  )
}
