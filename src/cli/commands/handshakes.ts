import type { Command } from 'commander'
import { idIfNamed } from '../find-platform.ts'
import { momentOf } from '../input.ts'
import { createNames } from '../names.ts'
import { type PageOptions, readList, withPages } from '../pages.ts'
import type { Open } from '../session.ts'
import { handshakeTable, handshakeText, refusedCallTable } from '../text/handshake.ts'
import { footer } from '../text/platform.ts'
import type { HandshakeView, RefusedCallView } from '../views.ts'

type RefusedFilters = PageOptions & {
  readonly platform?: string
  readonly address?: string
  readonly why?: string
  readonly fingerprint?: string
  readonly since?: string
  readonly until?: string
}

/** How handshakes went, and why first calls fail. */
export function addHandshakeCommands(program: Command, open: Open, now: () => number): void {
  const handshakes = program.command('handshakes').description('how handshakes went, with their calls and what helps')
  withPages(handshakes.command('list'), 20)
    .description('list attempts to register or to connect, newest first')
    .option('--platform <platform>', 'of this platform')
    .addHelpText('after', '\nExample:\n  ocpi-hub handshakes list --platform "Baltic Grid"')
    .action(async (options: PageOptions & { readonly platform?: string }, command: Command) => {
      const session = await open(command)
      const query = { platform: await idIfNamed(session.api, options.platform) }
      const list = await readList<HandshakeView>(session.api, '/handshakes', query, options)
      const ids = session.isJson ? [] : list.value.map(({ platform_id }) => platform_id)
      const known = await createNames(session.api).ofAll(ids)
      const names = list.value.map(({ client_address }, i) => known[i] || (client_address ?? ''))
      session.show(list, (rows) =>
        rows.length === 0
          ? 'No handshake\n'
          : handshakeTable(session.screen, rows, names) + footer(rows.length, list.hasMore, 'handshake'),
      )
    })
  handshakes
    .command('show')
    .description('show the calls of an attempt in both directions, what it came to, and what helps')
    .argument('<id>', 'as the list shows it')
    .addHelpText('after', '\nExample:\n  ocpi-hub handshakes show 0b4b6f0e-6f0e-4c1e-9a55-0d3f1f6c2a11')
    .action(async (id: string, _: unknown, command: Command) => {
      const session = await open(command)
      const reply = await session.api.call<HandshakeView>('GET', `/handshakes/${encodeURIComponent(id)}`)
      session.show(reply, (attempt) => handshakeText(session.screen, attempt))
    })
  withPages(program.command('refused-calls'))
    .description('list calls that the hub refused: why the first call of a partner fails')
    .option('--platform <platform>', 'with a token of this platform')
    .option('--address <address>', 'from this address')
    .option('--why <key>', 'for this reason, such as token-base64-twice')
    .option('--fingerprint <digits>', 'with the token of this fingerprint')
    .option('--since <moment>', 'from then on; 2h is two hours ago', momentOf(now))
    .option('--until <moment>', 'before', momentOf(now))
    .addHelpText('after', '\nExample:\n  ocpi-hub refused-calls --since 1h')
    .action(async ({ limit, all, ...filters }: RefusedFilters, command: Command) => {
      const session = await open(command)
      const query = { ...filters, platform: await idIfNamed(session.api, filters.platform) }
      const wanted = { limit, ...(all && { all }) }
      const list = await readList<RefusedCallView>(session.api, '/refused-calls', query, wanted)
      session.show(list, (rows) =>
        rows.length === 0
          ? 'No call was refused\n'
          : refusedCallTable(session.screen, rows) + footer(rows.length, list.hasMore, 'call'),
      )
    })
}
