import type { Now } from '../../hub/ports.ts'
import type { NoteConversion } from '../../hub/translate/carriage.ts'
import { createTranslate, type Translate } from '../../hub/translate/translate.ts'
import type { Settings } from '../settings/settings.ts'
import { describeError } from '../shared/cannot-start.ts'
import type { Log } from '../shared/log-rules.ts'

/** What carries messages between OCPI versions: one for requests, and where a queue runs by itself one for its deliveries. */
export function wireTranslate(parts: {
  readonly settings: Pick<Settings, 'bufferBytes'>
  readonly now: Now
  readonly log: Pick<Log, 'error'>
  readonly noteConversion: NoteConversion
}): Translate {
  const { settings, now, log, noteConversion } = parts
  return createTranslate({
    now,
    noteConversion,
    bufferBytes: settings.bufferBytes,
    onError: (error) => log.error({ why: describeError(error) }, 'a conversion between OCPI versions failed'),
  })
}
