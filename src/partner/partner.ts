import { Hono } from 'hono'
import { createAssets } from '../admin/console/assets.ts'
import { secured } from '../admin/console/headers.ts'
import { fromOwnPages, onlyWithLink } from './door.ts'
import { addEntrance } from './enter.ts'
import type { PartnerEnv } from './env.ts'
import { addCheckPages } from './pages/check.ts'
import { addMessagePages } from './pages/messages.ts'
import { addMissedPage } from './pages/missed.ts'
import { addStatusPage } from './pages/status.ts'
import { addTrialAction } from './pages/trial.ts'
import type { PartnerPorts } from './ports.ts'
import { nothingHere, showFailure } from './problems.ts'

/**
 * Pages for the people of a partner, by a link that an administrator made: what the hub knows of their platform, and nothing of others.
 * They are public, as `/ocpi` is, and change nothing.
 */
export function createPartnerPages(ports: PartnerPorts): Hono<PartnerEnv> {
  const app = new Hono<PartnerEnv>({ strict: false })
  app.use(ports.compressed)
  app.use(secured)
  app.use(async (c, next) => {
    c.set('requestId', ports.random.id())
    c.set('hub', ports.hub)
    // A link is a secret; neither partners' servers nor searches are to learn of it.
    c.header('Referrer-Policy', 'no-referrer')
    c.header('X-Robots-Tag', 'noindex, nofollow')
    return next()
  })
  app.onError((error, c) => showFailure(c, error, ports))
  app.notFound(nothingHere)

  app.route('/', createAssets(ports, '/partner/assets'))
  app.use(fromOwnPages)
  addEntrance(app, ports)

  app.use(onlyWithLink(ports))
  addStatusPage(app, ports)
  addMessagePages(app)
  addMissedPage(app)
  addCheckPages(app)
  addTrialAction(app)
  return app
}
