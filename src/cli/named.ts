import type { Command } from 'commander'
import { EXIT, Failure } from './exit.ts'
import type { HubApi } from './hub-api.ts'
import { type ReasonOption, withReason } from './input.ts'
import type { Open } from './session.ts'
import type { Screen } from './text/screen.ts'

// Commands of what is few and has names: people, keys, webhooks.

/** `list`: all that there is of a kind, in one answer. */
export function addList<T>(
  group: Command,
  open: Open,
  path: string,
  inWords: (screen: Screen, rows: readonly T[]) => string,
  example: string,
): void {
  group
    .command('list')
    .description('list all of them, by name')
    .addHelpText('after', `\nExample:\n  ${example}`)
    .action(async (_: unknown, command: Command) => {
      const session = await open(command)
      session.show(await session.api.call<readonly T[]>('GET', path), (rows) =>
        rows.length === 0 ? 'None\n' : inWords(session.screen, rows),
      )
    })
}

/** `remove`, by name or id. */
export function addRemove(group: Command, open: Open, path: string, and: string, example: string): void {
  withReason(group.command('remove'))
    .description('remove for good')
    .argument('<name>', 'or the id')
    .addHelpText('after', `\nExample:\n  ${example}`)
    .action(async (name: string, { reason }: ReasonOption, command: Command) => {
      const session = await open(command)
      const id = await idOf(session.api, path, name)
      await session.confirm(`${name} is removed ${and}.`)
      const reply = await session.api.call('DELETE', `${path}/${id}`, { query: { reason } })
      session.show(reply, () => `${name} is removed\n`)
    })
}

/** The id of what is named by its name, in any letter case, or by its id. */
export async function idOf(api: HubApi, path: string, named: string): Promise<string> {
  const { value } = await api.call<readonly { readonly id: string; readonly name: string }[]>('GET', path)
  const found = value.find(({ id, name }) => id === named || name.toLowerCase() === named.toLowerCase())
  if (!found) throw new Failure(EXIT.notFound, `${named}: nothing has this name or id`)
  return found.id
}
