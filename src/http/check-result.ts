import type { CheckCommands } from '../hub/check/command-results.ts'
import type { Refusal } from '../hub/message/refusal.ts'
import { parseJson } from '../ocpi/envelope.ts'
import { isObject } from '../ocpi/parsed.ts'
import type { ConfigurationModule } from './configuration.ts'
import type { ConfigurationResult } from './configuration-result.ts'

/** A CommandResult is small, whatever its message says. */
const RESULT_MOST_BYTES = 16 * 1024

/** A result is one of a few short words [mod_commands: CommandResultType]; of others the report shows as much. */
const KEPT_MOST = 40

const ID = /\/([A-Za-z0-9_-]{22})\/*$/

/**
 * The `response_url` of commands that connection checks send. Open to the platform that was sent the command, also before it is released; to
 * others there is no such URL. A result that comes again, or late, is taken and changes nothing.
 */
export function checkResultModule({ take }: Pick<CheckCommands, 'take'>): ConfigurationModule {
  return {
    module: 'commands',
    isTrial: true,
    methodsBeforeRegistration: null,
    methods: {
      POST: async ({ caller, message, body }) => {
        if (body.length > RESULT_MOST_BYTES) return refused({ kind: 'too-large', limitBytes: RESULT_MOST_BYTES })
        const value = parseJson(body)
        if (value === undefined) return refused({ kind: 'not-json', detail: 'The body is no JSON' })
        const result = isObject(value) ? value['result'] : undefined
        if (typeof result !== 'string' || result === '')
          return refused({ kind: 'invalid', detail: 'The body is no CommandResult: `result` is missing' })
        const id = ID.exec(message.path)?.[1]
        const word = result.slice(0, KEPT_MOST).replace(/[^\x20-\x7e]/g, '?')
        const isTaken = id !== undefined && (await take(id, caller.platform.id, word))
        return isTaken ? { kind: 'data' } : refused({ kind: 'unknown-path', detail: 'This URL leads nowhere for you' })
      },
    },
  }
}

function refused(refusal: Refusal): ConfigurationResult {
  return { kind: 'refused', refusal }
}
