import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import type { AdminPorts } from '../ports.ts'
import type { AskInside } from './api.ts'
import { createAssets } from './assets.ts'
import type { ConsoleEnv } from './console-env.ts'
import { fromOwnPages, onlySignedIn } from './door.ts'
import { boundedForms } from './form.ts'
import { secured } from './headers.ts'
import { withMarks } from './marks.ts'
import { addAgreementPages } from './pages/agreements/agreements.ts'
import { addReferencePage } from './pages/api/reference.ts'
import { addAuditPages } from './pages/audit/audit.ts'
import { addCheckPages } from './pages/checks/checks.ts'
import { addConversionsPage } from './pages/conversions/conversions.ts'
import { addFindPage } from './pages/find.ts'
import { addMessagePages } from './pages/messages/messages.ts'
import { addOnboardingPages } from './pages/onboarding/onboarding.ts'
import { addOverviewPage } from './pages/overview/overview.ts'
import { addPlatformPages } from './pages/platforms/platforms.ts'
import { addQueuePages } from './pages/queues/queues.ts'
import { addSandboxPages } from './pages/sandbox/sandbox.ts'
import { addSettingsPages } from './pages/settings/settings.ts'
import { addSignInPages } from './pages/sign-in.ts'
import { addSignOut } from './pages/sign-out.ts'
import { addOwnPage } from './pages/you.ts'
import { nothingHere, otherMethod, problemOf, showProblem } from './problems.ts'

/**
 * The console for administrators: pages at `/admin`, each of them made of what the API answers to whoever is signed in. It asks the
 * API within the process, so what somebody may see and do, and what is kept of it, is decided there alone.
 */
export function createConsole(ports: AdminPorts, askInside: AskInside): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>({ strict: false })
  app.use(ports.compressed)
  app.use(secured)
  app.use(async (c, next) => {
    const { countryCode, partyId } = ports.currentTable().hub
    c.set('requestId', ports.random.id())
    c.set('hub', { name: ports.hubName, party: `${countryCode}-${partyId}` })
    return next()
  })
  app.onError((error, c) => {
    const problem = problemOf(error)
    // What the API would not is in the log already.
    if (problem.status >= 500)
      ports.noteProblem({
        id: c.get('requestId'),
        method: c.req.method,
        path: c.req.path,
        status: problem.status,
        error,
      })
    return showProblem(c, problem)
  })
  app.notFound(nothingHere)

  app.route('/', createAssets(ports))
  app.use(fromOwnPages(ports))
  app.use(boundedForms)
  addSignInPages(app, ports, askInside)

  app.use(onlySignedIn(ports, askInside))
  app.use(withMarks(ports))
  app.use(methodNotAllowed({ app, onMethodNotAllowed: otherMethod }))
  addSignOut(app)
  addOwnPage(app)
  addOverviewPage(app)
  addFindPage(app)
  addPlatformPages(app)
  addCheckPages(app)
  addOnboardingPages(app)
  addSandboxPages(app)
  addMessagePages(app, ports)
  addAgreementPages(app)
  addQueuePages(app)
  addConversionsPage(app)
  addAuditPages(app)
  addSettingsPages(app, ports)
  addReferencePage(app)
  return app
}
