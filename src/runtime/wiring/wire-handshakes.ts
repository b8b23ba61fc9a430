import { SPOKEN } from '../../http/versions.ts'
import type { NoteHandshake } from '../../hub/administration/handshake-attempts.ts'
import { createGate } from '../../hub/limits.ts'
import type { Registry } from '../../hub/network/registry.ts'
import type { TableSource } from '../../hub/network/table-source.ts'
import type { Alarm, NoteBound, Now, Secrets } from '../../hub/ports.ts'
import { createConnect } from '../../hub/registration/connect.ts'
import { createFlatCredentials, type FlatCredentials } from '../../hub/registration/flat-credentials.ts'
import { createOwnCredentials, type OwnCredentials } from '../../hub/registration/own-credentials.ts'
import type { PartnerClient } from '../../hub/registration/partner-client.ts'
import { createPartiesTeller, type PartiesTeller } from '../../hub/registration/tell-parties.ts'
import type { ToldCredentials } from '../../hub/registration/told-credentials.ts'
import type { Party } from '../../ocpi/party.ts'
import type { Settings } from '../settings/settings.ts'
import { describeError } from '../shared/cannot-start.ts'
import type { Log } from '../shared/log-rules.ts'
import { random } from '../shared/secrets.ts'
import { businessOf } from './wire-client.ts'

type Parts = {
  readonly settings: Settings
  readonly secrets: Secrets
  readonly hub: Party
  readonly now: Now
  readonly registry: Registry
  readonly toldCredentials: ToldCredentials
  readonly alarm: Alarm
  readonly noteBound: NoteBound
  readonly noteHandshake: NoteHandshake
  readonly log: Pick<Log, 'warn'>
}

/** Where handshakes are made from. */
export type HandshakeMeans = {
  readonly client: PartnerClient
  readonly table: Pick<TableSource, 'current' | 'refresh'>
}

const HOUR_MS = 3_600_000

const NOBODY_TOLD: PartiesTeller = { look: async () => undefined, stop: async () => undefined }

/** The hub's own credentials, as platforms of each version are given them. */
export function wireCredentials(
  { settings, secrets, hub, now, registry, toldCredentials }: Parts,
  { current }: Pick<TableSource, 'current'>,
): { readonly ownCredentials: OwnCredentials; readonly flat: FlatCredentials } {
  const { publicUrl } = settings
  const common = { hub, business: businessOf(settings), table: current }
  const { digest } = secrets
  const versionsUrl = `${publicUrl}/ocpi/versions`
  return {
    ownCredentials: createOwnCredentials({ ...common, told: toldCredentials, digest, now, versionsUrl }),
    flat: createFlatCredentials({ ...common, publicUrl, registry }),
  }
}

/** The handshakes that the hub begins, on a registry that may write down who asked for them. */
export function wireConnect(parts: Parts, { client, table }: HandshakeMeans) {
  const { secrets, hub, now, alarm, noteBound, noteHandshake } = parts
  const ports = {
    ...{ client, secrets, random, now, hub, alarm, noteBound, noteHandshake },
    ...wireCredentials(parts, table),
    versions: SPOKEN,
    refresh: table.refresh,
    gate: createGate(1),
  }
  return (registry: Registry) => createConnect({ ...ports, registry })
}

/** Tells platforms of changes of the parties that they reach, unless an operator wants none told. */
export function wirePartiesTeller(parts: Parts, means: HandshakeMeans): PartiesTeller {
  const { settings, now, registry, toldCredentials, log } = parts
  if (settings.credentialsPutEveryHours === 0) return NOBODY_TOLD
  const connect = wireConnect(parts, means)(registry)
  return createPartiesTeller({
    table: means.table.current,
    ownCredentials: wireCredentials(parts, means.table).ownCredentials,
    told: toldCredentials,
    rotate: (platformId) => connect.rotate(platformId, 'hub'),
    now,
    everyMs: settings.credentialsPutEveryHours * HOUR_MS,
    onError: (error) => log.warn({ why: describeError(error) }, 'a platform could not be told of its parties'),
  })
}
