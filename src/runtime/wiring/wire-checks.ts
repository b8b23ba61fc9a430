import type { CheckedPlatform } from '../../hub/check/check.ts'
import { type CheckCommands, createCommandResults } from '../../hub/check/command-results.ts'
import type { AskedCheck, CommandResults, ReadTls } from '../../hub/check/ports.ts'
import { runCheck } from '../../hub/check/run-check.ts'
import { type CheckWorker, createCheckWorker } from '../../hub/check/runs/worker.ts'
import type { Observe } from '../../hub/message/exchange.ts'
import type { Registry } from '../../hub/network/registry.ts'
import type { TableSource } from '../../hub/network/table-source.ts'
import type { After, Inflate, Now, Secrets, Send } from '../../hub/ports.ts'
import type { Party } from '../../ocpi/party.ts'
import { createCheckWork } from '../../storage/check/work.ts'
import type { Orm } from '../../storage/database.ts'
import type { Settings } from '../settings/settings.ts'
import { describeError } from '../shared/cannot-start.ts'
import type { Log } from '../shared/log-rules.ts'
import { random } from '../shared/secrets.ts'
import { mayCallOf } from './wire-client.ts'

/** By which a check measures its pauses. */
const USUAL_CALLS_PER_SECOND = 2

/** What makes checks, where it runs. */
export type CheckMeans = {
  readonly send: Send
  readonly observe: Observe
  readonly table: Pick<TableSource, 'current' | 'refresh'>
  /** Null where the runtime does not show certificates. */
  readonly readTls: ReadTls | null
}

type Parts = {
  readonly settings: Settings
  readonly secrets: Pick<Secrets, 'open'>
  readonly hub: Party
  readonly inflate: Inflate
  readonly loopMark: string
  readonly now: Now
  readonly after: After
  readonly registry: Pick<Registry, 'findPlatform' | 'findConnection'>
  readonly orm: Orm
  readonly commands: CheckCommands
  readonly log: Pick<Log, 'warn'>
}

/** Makes the connection checks that wait. */
export function wireCheckWorker(parts: Parts, { send, observe, table, readTls }: CheckMeans): CheckWorker {
  const { settings, secrets, hub, inflate, loopMark, now, after, registry, orm, commands, log } = parts
  const slower = USUAL_CALLS_PER_SECOND / settings.connectionCheckCallsPerSecond
  const ports = {
    ...{ send, inflate, random, now, loopMark, observe, hub, readTls },
    pause: (ms: number) => new Promise<void>((resolve) => void after(ms * slower, resolve)),
    mayCall: mayCallOf(settings),
    timeoutMs: settings.forwardTimeoutMs,
    takesPlainHttp: settings.allowPrivateNetworks,
  }

  function resultsOf({ platform, signal }: AskedCheck): CommandResults {
    const own = { commands, publicUrl: settings.publicUrl, random, now, after }
    return createCommandResults(own, { platformId: platform.id, signal })
  }

  async function read(platformId: string): Promise<CheckedPlatform | null> {
    const connection = await registry.findConnection(platformId)
    const record = await registry.findPlatform(platformId)
    if (connection === null || record === null || record.status === 'SUSPENDED') return null
    await table.refresh()
    const parties = table.current().platforms.get(platformId)?.parties ?? []
    return {
      id: platformId,
      name: record.name,
      versionsUrl: connection.versionsUrl,
      version: connection.version,
      token: secrets.open(connection.sealedToken),
      encoding: record.tokenEncoding,
      parties: parties.flatMap(({ countryCode, partyId, roles }) => {
        const active = roles.filter(({ status }) => status === 'ACTIVE').map(({ role }) => role)
        return active.length === 0 ? [] : [{ countryCode, partyId, roles: active }]
      }),
      endpoints: record.endpoints,
      endpointOverrides: record.endpointOverrides,
    }
  }

  return createCheckWorker({
    work: createCheckWork({ orm, now }),
    read,
    runCheck: (asked) => runCheck({ ...ports, results: resultsOf(asked) }, asked),
    after,
    random,
    onError: (error) => log.warn({ why: describeError(error) }, 'a connection check was broken off'),
  })
}
