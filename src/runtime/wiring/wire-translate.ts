import type { Now } from '../../hub/ports.ts'
import type { NoteConversion } from '../../hub/translate/carriage.ts'
import { createEdge211 } from '../../hub/translate/edge-211.ts'
import { factsOf211 } from '../../hub/translate/edge-facts.ts'
import type { Aliases, Contracts } from '../../hub/translate/edge-ports.ts'
import { createTranslate, type Translate } from '../../hub/translate/translate.ts'
import type { Party } from '../../ocpi/party.ts'
import type { Settings } from '../settings/settings.ts'
import { describeError } from '../shared/cannot-start.ts'
import type { Log } from '../shared/log-rules.ts'

/** What carries messages between OCPI versions: one for requests, and where a queue runs by itself one for its deliveries. */
export function wireTranslate(parts: {
  readonly settings: Pick<Settings, 'bufferBytes'>
  readonly now: Now
  readonly log: Pick<Log, 'error'>
  readonly noteConversion: NoteConversion
  readonly hub: Party
  readonly contracts: Contracts
  readonly aliases: Aliases
}): Translate {
  const { settings, now, log, noteConversion, hub, contracts, aliases } = parts
  const onError = (error: unknown) =>
    log.error({ why: describeError(error) }, 'a conversion between OCPI versions failed')
  const { bufferBytes } = settings
  const translate = createTranslate({ now, noteConversion, bufferBytes, onError, factsFor: factsOf211(contracts) })
  return createEdge211(translate, { hub, contracts, aliases, noteConversion, onError })
}
