import { createOperators } from '../../hub/open-routing/operators.ts'
import type { After, Now } from '../../hub/ports.ts'
import type { ToldCredentials } from '../../hub/registration/told-credentials.ts'
import { type AskLocationPorts, createAskLocation } from '../../hub/shadow/ask-location.ts'
import { createShadowFacts } from '../../hub/shadow/facts.ts'
import type { ShadowStore } from '../../hub/shadow/shadow.ts'
import { withShadow } from '../../hub/shadow/with-shadow.ts'
import type { NoteConversion } from '../../hub/translate/carriage.ts'
import { createEdge211 } from '../../hub/translate/edge-211.ts'
import { factsOf211 } from '../../hub/translate/edge-facts.ts'
import type { Aliases, Contracts, Drivers } from '../../hub/translate/edge-ports.ts'
import { bothFacts } from '../../hub/translate/leg.ts'
import { createTranslate, type Translate } from '../../hub/translate/translate.ts'
import { turnsBy } from '../../hub/turn.ts'
import type { Party } from '../../ocpi/party.ts'
import type { Settings } from '../settings/settings.ts'
import { describeError } from '../shared/cannot-start.ts'
import type { Log } from '../shared/log-rules.ts'

/** What carries messages between OCPI versions: one for requests, and where a queue runs by itself one for its deliveries. */
export function wireTranslate(parts: {
  readonly settings: Pick<Settings, 'bufferBytes' | 'forwardTimeoutMs'>
  readonly now: Now
  readonly after: After
  readonly shadow: ShadowStore
  /** With which CPOs are asked for Locations. */
  readonly asking: Omit<AskLocationPorts, 'now' | 'timeoutMs' | 'bufferBytes'>
  readonly log: Pick<Log, 'error'>
  readonly noteConversion: NoteConversion
  readonly hub: Party
  readonly contracts: Contracts
  readonly drivers: Drivers
  readonly aliases: Aliases
  readonly businessOf: ToldCredentials['businessOf']
}): Translate {
  const { settings, now, after, log, noteConversion, hub, contracts, drivers, aliases, businessOf, shadow, asking } =
    parts
  const onError = (error: unknown) =>
    log.error({ why: describeError(error) }, 'a conversion between OCPI versions failed')
  const { bufferBytes, forwardTimeoutMs: timeoutMs } = settings
  const turn = turnsBy(after)
  const locations = createAskLocation({ ...asking, now, timeoutMs, bufferBytes })
  const factsFor = bothFacts(factsOf211(contracts), createShadowFacts(shadow, locations, now))
  const translate = createTranslate({ now, noteConversion, bufferBytes, onError, factsFor, turn })
  return createEdge211(withShadow(translate, { store: shadow, locations, onError }), {
    hub,
    contracts,
    drivers,
    aliases,
    operators: createOperators({ businessOf, now, onError }),
    noteConversion,
    onError,
    turn,
  })
}
