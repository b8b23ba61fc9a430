import type { Io } from '../../src/cli/io.ts'
import { createProgram, runProgram } from '../../src/cli/program.ts'

export type Said = { readonly code: number; readonly out: string; readonly err: string }

export type Typed = {
  /** What comes in on stdin. */
  readonly stdin?: string
  /** What somebody at a terminal answers, in order; left out: nobody is there. */
  readonly answers?: readonly string[]
  /** How wide the terminal is; left out: stdout is none. */
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Called with each piece that is printed. */
  readonly onOut?: (text: string) => void
}

/** Gives how commands are run in this environment, as `ocpi-hub` would, with all that they say. */
export function createCli(environment: Readonly<Record<string, string>>) {
  return async (words: readonly string[], typed: Typed = {}): Promise<Said> => {
    let [out, err] = ['', '']
    const answers = [...(typed.answers ?? [])]
    const ask = async (question: string) => {
      err += question
      return answers.shift() ?? ''
    }
    const io: Io = {
      env: { ...environment, ...typed.env },
      out: (text) => {
        out += text
        typed.onOut?.(text)
      },
      err: (text) => void (err += text),
      columns: typed.columns ?? null,
      canAsk: typed.answers !== undefined,
      ask,
      askSecretly: ask,
      readStdin: async () => typed.stdin ?? '',
      now: Date.now,
      signal: typed.signal ?? new AbortController().signal,
    }
    const code = await runProgram(createProgram(io), words, io)
    return { code, out, err }
  }
}

/** What was printed, where what differs from run to run has a name: ids, moments, ages, times. */
export function settled(text: string, names: Readonly<Record<string, string>> = {}): string {
  const named = Object.entries(names).reduce((all, [value, name]) => all.replaceAll(value, name), text)
  return named
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'MOMENT')
    .replaceAll(/\b\d+ s ago/g, 'AGE')
    .replaceAll(/\b\d+ ms/g, 'TOOK')
    .replaceAll(/ +$/gm, '')
    .replaceAll(/ {2,}/g, '  ')
}
