import type { Hono } from 'hono'
import type { AdminPorts } from '../../../ports.ts'
import { mayAsk } from '../../answer.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { showProblem } from '../../problems.ts'
import { addKeyChangePages } from './key.ts'
import { addKeyPages } from './keys.ts'
import { addLockOutPages } from './lock-outs.ts'
import { addPeoplePages } from './people.ts'
import { addPersonPages } from './person.ts'
import { addSignInSettings } from './sign-in.ts'
import { addWebhookChangePages } from './webhook.ts'
import { addWebhookPages } from './webhooks.ts'

/** Who may do what? Pages for owners, who alone see people and keys. */
export function addSettingsPages(app: Hono<ConsoleEnv>, ports: Pick<AdminPorts, 'random'>): void {
  app.use('/admin/settings/*', async (c, next) => {
    if (mayAsk(c, 'GET /admins')) return next()
    const detail = `This is for the role owner, and you are ${c.get('caller').role}.`
    return showProblem(c, { status: 403, title: 'Settings are for owners', detail })
  })
  addPeoplePages(app, ports)
  addPersonPages(app, ports)
  addLockOutPages(app)
  addKeyPages(app)
  addKeyChangePages(app)
  addWebhookPages(app)
  addWebhookChangePages(app)
  addSignInSettings(app)
}
