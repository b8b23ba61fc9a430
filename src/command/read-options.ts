import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/**
 * Reads what a command was called with, `--once` or `--only direct`. What the command does not know ends the process with a
 * line that names what it does; `--help` prints the usage and ends it with exit code 0.
 *
 * @param usage how the command is called, what it does, and a line for each option
 */
export function readOptions<const O extends ParseArgsOptionsConfig>(usage: string, options: O) {
  return read(usage, options, false).values
}

/** Reads a command that is called with words before its options, `add Ada --role operator`. */
export function readOrder<const O extends ParseArgsOptionsConfig>(usage: string, options: O) {
  return read(usage, options, true)
}

function read<const O extends ParseArgsOptionsConfig>(usage: string, options: O, allowPositionals: boolean) {
  const known = { ...options, help: { type: 'boolean' } } as const
  try {
    const { values, positionals } = parseArgs({ options: known, allowPositionals })
    if (!('help' in values && values.help)) return { values, words: positionals }
  } catch (error) {
    const [problem] = String(error instanceof Error ? error.message : error).split('. ')
    const names = Object.keys(known).map((name) => `--${name}`)
    refuse(`${problem}: expected ${names.join(', ')}`)
  }
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}

/** Ends a command that was called or set up wrongly: one readable line on stderr, exit code 2. */
export function refuse(problem: string): never {
  process.stderr.write(`${problem}\n`)
  process.exit(2)
}
