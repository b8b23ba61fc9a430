import { type Command, InvalidArgumentError } from 'commander'

/** A party as people write it, `NL-ABC`. */
export function party(text: string): { country_code: string; party_id: string } {
  if (!/^[A-Za-z]{2}[-*][^/*]{1,3}$/.test(text)) throw new InvalidArgumentError('Expected a party such as NL-ABC.')
  return { country_code: text.slice(0, 2), party_id: text.slice(3) }
}

/** A party with its role, `NL-ABC:CPO`. */
export function partyRole(text: string): { country_code: string; party_id: string; role: string } {
  const colon = text.lastIndexOf(':')
  const role = text.slice(colon + 1).toUpperCase()
  if (colon < 0 || role === '') throw new InvalidArgumentError('Expected a party with its role, such as NL-ABC:CPO.')
  return { ...party(text.slice(0, colon)), role }
}

/** Gathers an option that is given several times. */
export function several<T>(read: (text: string) => T): (text: string, before?: readonly T[]) => T[] {
  return (text, before = []) => [...before, read(text)]
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A moment: of the calendar, or so long ago (`90s`, `30m`, `2h`, `7d`). */
export function momentOf(now: () => number): (text: string) => string {
  return momentFrom(now, -1, '2h for two hours ago')
}

/** A moment to come: of the calendar, or in so long (`90s`, `30m`, `2h`, `7d`). */
export function momentAhead(now: () => number): (text: string) => string {
  return momentFrom(now, 1, '90d for in 90 days')
}

function momentFrom(now: () => number, direction: 1 | -1, example: string): (text: string) => string {
  return (text) => {
    const [, number, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
    const at = number === undefined ? Date.parse(text) : now() + direction * Number(number) * (UNITS_MS[unit] ?? 0)
    if (Number.isNaN(at))
      throw new InvalidArgumentError(`Expected a moment such as 2026-11-22T06:00:00Z, or ${example}.`)
    return new Date(at).toISOString()
  }
}

/** `on` or `off`. */
export function onOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('Expected on or off.')
  return text === 'on'
}

/** `--reason`, which every change takes for the audit trail. */
export function withReason(command: Command): Command {
  return command.option('--reason <text>', 'why, for the audit trail')
}

export type ReasonOption = { readonly reason?: string }
