import type { Hono } from 'hono'
import type { Handle } from '../../http/app.ts'
import { clientInfoModule } from '../../http/client-info.ts'
import { createPartnerApp } from '../../http/partner-app.ts'
import { SPOKEN } from '../../http/versions.ts'
import { createLedUrls } from '../../hub/corridor/hub-urls.ts'
import { createRelay } from '../../hub/corridor/relay.ts'
import { createPlaces, createRateLimit } from '../../hub/limits.ts'
import { createRegister } from '../../hub/registration/register.ts'
import { random } from '../shared/secrets.ts'
import { createLoginLimit } from './login-limit.ts'
import { createMetricsGuard } from './metrics-guard.ts'
import { createOlderTokenEnd } from './older-token.ts'
import type { Runtime } from './runtime.ts'
import { leastSpeedOf } from './stream-limits.ts'
import { wireAdmin } from './wire-admin.ts'
import { wireAsk } from './wire-ask.ts'
import { createClient, mayCallOf } from './wire-client.ts'
import { wireDuties } from './wire-duties.ts'
import { wirePartner } from './wire-partner.ts'
import type { HubParts } from './wire-parts.ts'
import { wireSandbox } from './wire-sandbox.ts'

/** Joins the parts and what the runtime brings: the hub's app, and the relay for runtimes that know a shorter way to it. */
export function wireHub(all: HubParts, runtime: Runtime): { readonly app: Hono; readonly relay: Handle } {
  const isSandbox = (platformId = '') => runtime.table.current().sandbox?.has(platformId) === true
  // Sandbox partners misbehave because they are told to: nobody has to know.
  const parts: HubParts = { ...all, alarm: (alarm) => void (isSandbox(alarm.platformId) || all.alarm(alarm)) }
  const { settings, secrets, loopMark, hub, now, inflate, after, alarm, registry } = parts
  const { publicUrl, bufferBytes } = settings
  const { table, observe, presence, counts } = runtime
  const { current, refresh } = table
  const sandbox = wireSandbox(parts, runtime, (message) => relay(message))
  const send = sandbox.sendWith(runtime.send)
  const { digest } = secrets
  const { onUnreachable, onSeen } = presence
  const client = createClient({ settings, send: runtime.send, inflate, loopMark, now }, observe)

  /** What it takes to know a caller, in the relay and in the configuration modules. */
  const callers = {
    table: current,
    digest,
    random,
    now,
    after,
    observe,
    inbound: createRateLimit(settings.inboundRequestsPerSecond, now),
    failedLogins: createLoginLimit(settings, now, counts.refusedLogin),
    freshen: parts.freshenerOf(table),
    alarm,
    noteRefused: parts.noteRefusedWith(runtime.isAdminToken),
    onSeen,
    onNewTokenUsed: createOlderTokenEnd({ registry, digest, table, now, alarm }),
  }

  const translate = parts.translateOn({ ...runtime, send })
  const places = createPlaces(settings.maxDirectPerPlatform)
  const ask = wireAsk(parts, { ...runtime, send }, places)
  const led = createLedUrls({
    publicUrl,
    mac: secrets.mac,
    previousMac: secrets.previousMac,
    random,
    now,
    store: parts.storedUrls,
    mayCall: mayCallOf(settings, { isSandbox }),
    alarm,
  })
  const relay: Handle = createRelay({
    ...callers,
    loopMark,
    onUnreachable,
    send,
    newerToken: parts.newerTokenIn(table),
    inflate,
    inflateStream: parts.inflateStream,
    led,
    translate,
    duties: wireDuties(parts, runtime, { ask, led, translate }),
    alarm,
    places,
    noteBound: counts.bound,
    limits: {
      bufferBytes,
      bodyBytes: settings.maxBodyBytes,
      forwardTimeoutMs: settings.forwardTimeoutMs,
      leastSpeed: leastSpeedOf(settings),
    },
    versions: SPOKEN,
  })
  const { ownCredentials, flat } = parts.credentialsOn(table)
  const admin = wireAdmin(parts, runtime, client, { ask, tryOut: sandbox.tryOut })
  const app = createPartnerApp({
    exchanger: runtime.exchanger,
    loopMark,
    configuration: { ...callers, noteHandshake: parts.noteHandshake, bufferBytes, inflate },
    onError: parts.onError,
    register: createRegister({
      ...{ registry, client, secrets, random, now, hub, refresh, alarm, noteBound: counts.bound },
      told: parts.toldCredentials,
    }),
    flat,
    clientInfo: (version) => clientInfoModule({ publicUrl, version, now }),
    checkCommands: parts.checkCommands,
    relay,
    ready: runtime.ready,
    metrics: runtime.metrics,
    mayReadMetrics: createMetricsGuard({
      metricsToken: settings.metricsToken,
      isBehindIngress: runtime.isBehindIngress,
      isAdminToken: runtime.isAdminToken,
      onRefused: counts.refusedLogin,
    }),
    publicUrl,
    ownCredentials,
    admin,
    partner: wirePartner(parts, runtime, sandbox.tryOut),
  })
  return { app, relay }
}
