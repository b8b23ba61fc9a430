import { OpenAPIHono, z } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { addAdminRoutes } from './api/accounts/admins.ts'
import { addKeyRoutes } from './api/accounts/keys.ts'
import { addLockOutRoutes } from './api/accounts/lock-outs.ts'
import { addAgreementRoutes } from './api/agreements/agreements.ts'
import { addPairRoutes } from './api/agreements/pairs.ts'
import { addAuditRoutes } from './api/audit/audit.ts'
import { addCheckRoutes } from './api/checks/checks.ts'
import { addCheckReportRoutes } from './api/checks/reports.ts'
import { addWaiverRoutes } from './api/checks/waivers.ts'
import { addConversionRoutes } from './api/conversions/conversions.ts'
import { addEventRoutes } from './api/events/events.ts'
import { addHandshakeRoutes } from './api/handshakes/handshakes.ts'
import { addRefusedCallRoutes } from './api/handshakes/refused-calls.ts'
import { inPlainWords } from './api/input-words.ts'
import { onError, onInvalid } from './api/invalid-input.ts'
import { addDeliveryRoutes } from './api/messages/deliveries.ts'
import { addMessageRoutes } from './api/messages/messages.ts'
import { addReplayRoute } from './api/messages/replay.ts'
import { addOnboardingRoute } from './api/onboarding/onboarding.ts'
import { addDocumentRoute } from './api/openapi-document.ts'
import { addOverviewRoutes } from './api/overview/overview.ts'
import { addPartnerLinkRoutes } from './api/partner-links/partner-links.ts'
import { addClientInfoRoute } from './api/platforms/client-info.ts'
import { addConnectionRoutes } from './api/platforms/connection.ts'
import { addHistoryRoutes } from './api/platforms/history.ts'
import { addPartyRoutes } from './api/platforms/parties.ts'
import { addPlatformListRoute } from './api/platforms/platform-list.ts'
import { addPlatformRoutes } from './api/platforms/platforms.ts'
import { addRegistrationRoutes } from './api/platforms/registration.ts'
import { addReleaseRoute } from './api/platforms/release.ts'
import { addRoleRoutes } from './api/platforms/roles.ts'
import { addQueueDetailRoute } from './api/queues/queue-detail.ts'
import { addQueueRoutes } from './api/queues/queues.ts'
import { addResendRoute } from './api/queues/resend.ts'
import { addSandboxRoutes, keepsSandbox } from './api/sandbox/sandbox.ts'
import { addTrialRoutes } from './api/sandbox/trials.ts'
import { addOwnPasswordRoute } from './api/session/own-password.ts'
import { addProviderRoutes } from './api/session/provider.ts'
import { addSessionRoutes } from './api/session/session.ts'
import { addSignInWaysRoute } from './api/session/sign-in-ways.ts'
import { addTicketRoutes } from './api/session/tickets.ts'
import { addTrafficRoutes } from './api/traffic/traffic.ts'
import { addWebhookDeliveryRoutes } from './api/webhooks/deliveries.ts'
import { addWebhookRoutes } from './api/webhooks/webhooks.ts'
import type { AdminPorts } from './ports.ts'
import { type AdminEnv, nothingHere, plainProblem } from './problem.ts'
import { authenticateAdmin } from './sign-in/authentication.ts'
import { createPasswordCheck } from './sign-in/password.ts'
import { authorizeAdmin } from './sign-in/permissions.ts'

const MOST_BODY_BYTES = 1024 * 1024

/**
 * Serves `/admin` and all below it; the API is under `/admin/api`. Closed by default: only the OpenAPI document, which
 * holds no secrets, is open, so that tools can read it. Every answer that is no success is problem+json [RFC 9457].
 */
export function createAdminApp(ports: AdminPorts): OpenAPIHono<AdminEnv> {
  z.config({ localeError: inPlainWords })
  const root = new OpenAPIHono<AdminEnv>({ defaultHook: onInvalid })
  root.use('/admin/*', async (c, next) => {
    c.set('requestId', ports.random.id())
    await next()
    c.header('Cache-Control', 'no-store')
    // Partners wrote what stands in these answers, and browsers open them too.
    c.header('X-Content-Type-Options', 'nosniff')
    const { status } = c.res
    if (status < 400) return
    ports.noteProblem({ id: c.get('requestId'), method: c.req.method, path: c.req.path, status, error: c.error })
  })
  const app = root.basePath('/admin/api')
  app.onError(onError)
  app.notFound(nothingHere)

  addDocumentRoute(app)
  app.use(authenticateAdmin(ports))
  app.use(authorizeAdmin)
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        plainProblem(c, 405, `Expected ${methods.join(' or ')}`, { Allow: methods.join(', ') }),
    }),
  )
  app.use(
    bodyLimit({
      maxSize: MOST_BODY_BYTES,
      // The rest of the body stays unread, so that the connection serves no further request.
      onError: (c) =>
        plainProblem(c, 413, `Expected a body of at most ${MOST_BODY_BYTES} bytes`, { Connection: 'close' }),
    }),
  )

  app.use('/platforms/:id', keepsSandbox(ports))
  app.use('/platforms/:id/*', keepsSandbox(ports))

  const checkPassword = createPasswordCheck(ports)
  addSessionRoutes(app, ports, checkPassword)
  addOwnPasswordRoute(app, ports, checkPassword)
  addTicketRoutes(app, ports)
  addProviderRoutes(app, ports)
  addSignInWaysRoute(app, ports)
  addAdminRoutes(app, ports)
  addKeyRoutes(app, ports)
  addLockOutRoutes(app, ports)
  addOverviewRoutes(app, ports)
  addOnboardingRoute(app, ports)
  addPlatformListRoute(app, ports)
  addPlatformRoutes(app, ports)
  addRegistrationRoutes(app, ports)
  addConnectionRoutes(app, ports)
  addReleaseRoute(app, ports)
  addCheckRoutes(app, ports)
  // Before the reports, whose numbers stand in the same place.
  addWaiverRoutes(app, ports)
  addCheckReportRoutes(app, ports)
  addSandboxRoutes(app, ports)
  addTrialRoutes(app, ports)
  addHistoryRoutes(app, ports)
  addClientInfoRoute(app, ports)
  addRefusedCallRoutes(app, ports)
  addHandshakeRoutes(app, ports)
  addPartyRoutes(app, ports)
  addRoleRoutes(app, ports)
  addPartnerLinkRoutes(app, ports)
  addPairRoutes(app, ports)
  addAgreementRoutes(app, ports)
  addQueueRoutes(app, ports)
  addQueueDetailRoute(app, ports)
  addResendRoute(app, ports)
  addMessageRoutes(app, ports)
  addDeliveryRoutes(app, ports)
  addAuditRoutes(app, ports)
  addTrafficRoutes(app, ports)
  addConversionRoutes(app, ports)
  addReplayRoute(app, ports)
  addEventRoutes(app, ports)
  addWebhookRoutes(app, ports)
  addWebhookDeliveryRoutes(app, ports)
  return app
}
