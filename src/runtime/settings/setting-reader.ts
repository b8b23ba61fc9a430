export type Environment = Readonly<Record<string, string | undefined>>

/** Reads settings by name and gathers what is wrong with them, so that an administrator sees all of it at once. */
export function createSettingReader(environment: Environment) {
  const problems: string[] = []
  const malformed = new Set<string>()
  const given: Record<string, string> = {}

  function refuse(name: string, problem: string): void {
    problems.push(problem)
    malformed.add(name)
  }

  /** `parse` returns null for a malformed value. `expected` completes `expected …`. A secret's value is not shown. */
  function parsed<T, D>(
    name: string,
    fallback: D,
    expected: string,
    parse: (text: string) => T | null,
    shown: 'shown' | 'secret' = 'shown',
  ): T | D {
    const text = environment[name]
    if (text === undefined || text === '') return fallback
    given[name] = text
    const value = parse(text)
    if (value !== null) return value
    refuse(name, `${name}${shown === 'secret' ? ' (not shown)' : `=${show(text)}`}: expected ${expected}`)
    return fallback
  }

  function text<D extends string | null>(
    name: string,
    fallback: D,
    expected: string,
    isGood: (text: string) => boolean,
    shown: 'shown' | 'secret' = 'shown',
  ): string | D {
    return parsed(name, fallback, expected, (value) => (isGood(value) ? value : null), shown)
  }

  function integer(name: string, fallback: number, min: number, max: number): number {
    return parsed(name, fallback, `a whole number from ${min} to ${max}`, (value) => {
      const number = /^(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : Number.NaN
      return number >= min && number <= max ? number : null
    })
  }

  function choice<T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    const expected = choices.length === 2 ? choices.join(' or ') : `one of ${choices.join(', ')}`
    return parsed(name, fallback, expected, (value) => choices.find((known) => known === value) ?? null)
  }

  return { problems, malformed, given, refuse, parsed, text, integer, choice }
}

/** On one line and no longer than helps. */
function show(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text
  return /^[\x21-\x7E…]+$/.test(short) ? short : JSON.stringify(short)
}
