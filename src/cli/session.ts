import type { Command } from 'commander'
import { EXIT, Failure, usage } from './exit.ts'
import { createHubApi, type HubApi, type Reply } from './hub-api.ts'
import type { Io } from './io.ts'
import { findTarget, type TargetOptions } from './target.ts'
import { clean } from './text/clean.ts'
import { createScreen, type Screen } from './text/screen.ts'

/** What a command works with: the hub that is meant, and how its answers are shown. */
export type Session = {
  readonly api: HubApi
  readonly io: Io
  readonly screen: Screen
  readonly isJson: boolean
  /** Prints an answer: with `--json` as it came, else in words. */
  readonly show: <T>(reply: Reply<T>, inWords: (value: T) => string) => void
  /** Asks before what cannot be undone. Rejects unless somebody says yes, or said so by `--yes`. */
  readonly confirm: (what: string) => Promise<void>
}

export type GlobalOptions = TargetOptions & {
  readonly json?: boolean
  readonly color: boolean
  readonly yes?: boolean
  readonly timeout?: number
}

const MOST_PATIENCE_S = 86_400

/** Opens the session of a command. */
export type Open = (command: Command) => Promise<Session>

export function createOpen(io: Io): Open {
  return async (command) => {
    const options = command.optsWithGlobals<GlobalOptions>()
    const target = await findTarget(options, io.env)
    const timeoutMs = options.timeout === undefined ? null : Math.min(options.timeout, MOST_PATIENCE_S) * 1000
    const isJson = options.json === true
    return {
      api: createHubApi(target, timeoutMs),
      io,
      screen: screenOf(io, options),
      isJson,
      show: ({ text, value }, inWords) => io.out(isJson ? (text === '' ? '' : `${text}\n`) : inWords(value)),
      confirm: (what) => confirm(io, options.yes === true, what),
    }
  }
}

/** Colours are for terminals, and for whoever does not refuse them. */
export function screenOf(io: Io, { color }: Pick<GlobalOptions, 'color'>): Screen {
  return createScreen(io.columns, io.columns !== null && color && !io.env['NO_COLOR'])
}

export async function confirm(io: Io, isSure: boolean, what: string): Promise<void> {
  if (isSure) return
  if (!io.canAsk) throw usage(`${what} This cannot be undone: say --yes`)
  const answer = await io.ask(`${clean(what)} This cannot be undone. Go on? [y/N] `)
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure(EXIT.usage, 'Nothing was changed')
}

/**
 * A secret from stdin, or from a prompt that does not show it: never from an argument, which every process can read. It is taken as it
 * is, but for the one line end that `echo` and files put behind it: a password may begin or end with a space.
 */
export async function readSecret(io: Io, isOnStdin: boolean, what: string, option: string): Promise<string> {
  if (!isOnStdin && !io.canAsk) throw usage(`Give the ${what} on stdin, with ${option}`)
  const secret = isOnStdin ? (await io.readStdin()).replace(/\r?\n$/, '') : await io.askSecretly(`${what}: `)
  if (secret === '') throw usage(`The ${what} is empty`)
  return secret
}

/** A key or token, which has no spaces: those around it, and line ends, come from copying. */
export async function readToken(io: Io, isOnStdin: boolean, what: string, option: string): Promise<string> {
  const token = (await readSecret(io, isOnStdin, what, option)).trim()
  if (token === '') throw usage(`The ${what} is empty`)
  return token
}
