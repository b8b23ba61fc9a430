import type { Hono } from 'hono'
import type { CheckCommands } from '../hub/check/command-results.ts'
import { IN_A_CIRCLE } from '../hub/message/loop-mark.ts'
import { messageIds, replyHeaders } from '../hub/message/message-ids.ts'
import { type Refusal, refuse } from '../hub/message/refusal.ts'
import type { Message } from '../hub/message.ts'
import type { FlatCredentials } from '../hub/registration/flat-credentials.ts'
import type { OwnCredentials } from '../hub/registration/own-credentials.ts'
import type { Register } from '../hub/registration/register.ts'
import { parseCredentials } from '../ocpi/credentials.ts'
import { type AppPorts, createApp, type Exchanger } from './app.ts'
import { checkResultModule } from './check-result.ts'
import type { ConfigurationModule, ConfigurationPorts } from './configuration.ts'
import { serveConfiguration } from './configuration.ts'
import { credentialsModule } from './credentials.ts'
import { HUB_SIDES, modulesOf211 } from './sides-211.ts'
import { VERSIONS, versionDetailsModule, versionsModule } from './versions.ts'

/** Puts the partners' app together: which module answers where, in which version. */
export function createPartnerApp(
  ports: Pick<AppPorts, 'loopMark' | 'relay' | 'ready' | 'metrics' | 'mayReadMetrics' | 'admin' | 'partner'> & {
    readonly exchanger: Exchanger
    readonly configuration: ConfigurationPorts
    readonly register: Register
    readonly flat: FlatCredentials
    readonly clientInfo: (version: string) => ConfigurationModule
    readonly checkCommands: Pick<CheckCommands, 'take'>
    readonly publicUrl: string
    readonly ownCredentials: OwnCredentials
    /** Told what nobody caught. */
    readonly onError: (error: unknown) => void
  },
): Hono {
  const { publicUrl, ownCredentials, register, configuration } = ports
  const serve = (module: ConfigurationModule) => serveConfiguration(configuration, module)
  const perVersion = (make: (version: string) => ConfigurationModule) =>
    Object.fromEntries(VERSIONS.map((version) => [version, serve(make(version))]))

  const refuseAt = (message: Message, refusal: Refusal) =>
    refuse(refusal, replyHeaders(messageIds(message.headers, configuration.random.id), null, null), message.receivedAt)

  return createApp({
    exchanger: ports.exchanger,
    loopMark: ports.loopMark,
    inACircle: async (message) => refuseAt(message, IN_A_CIRCLE),
    versions: serve(versionsModule(publicUrl, VERSIONS)),
    details: perVersion((version) => versionDetailsModule(publicUrl, version)),
    credentials: perVersion((version) =>
      credentialsModule({
        version,
        own: ({ platform }, token, how) => ownCredentials[how](platform.id, version, token),
        parse: parseCredentials,
        register,
      }),
    ),
    sides: HUB_SIDES.map((hubSide) => {
      const modules = modulesOf211({ hubSide, publicUrl, flat: ports.flat, register })
      return {
        side: hubSide,
        versions: serve(modules.versions),
        details: serve(modules.details),
        credentials: serve(modules.credentials),
      }
    }),
    clientInfo: perVersion(ports.clientInfo),
    checkResult: serve(checkResultModule(ports.checkCommands)),
    relay: ports.relay,
    nowhere: async (message) => refuseAt(message, { kind: 'unknown-path', detail: 'Unknown path' }),
    failed(message, error) {
      ports.onError(error)
      return refuseAt(message, { kind: 'hub-failure', detail: 'The hub failed to handle this request' })
    },
    ready: ports.ready,
    metrics: ports.metrics,
    mayReadMetrics: ports.mayReadMetrics,
    admin: ports.admin,
    partner: ports.partner,
  })
}
