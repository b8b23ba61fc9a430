import { type Command, InvalidArgumentError } from 'commander'
import { EXIT, Failure } from '../exit.ts'
import { idIfNamed } from '../find-platform.ts'
import { onOff, type ReasonOption, withReason } from '../input.ts'
import { addList, addRemove, idOf } from '../named.ts'
import type { Open } from '../session.ts'
import { type Cell, facts, type Screen, table } from '../text/screen.ts'
import { ago, moment } from '../text/words.ts'
import type { CreatedWebhookView, WebhookDeliveryView, WebhookView } from '../views.ts'

type Wish = ReasonOption & { readonly kinds?: readonly string[]; readonly platform?: string }
type Change = Wish & {
  readonly to?: string
  readonly name?: string
  readonly on?: boolean
  readonly allPlatforms?: true
}

/** Who is told of what happens. Owners' business. */
export function addWebhookCommands(program: Command, open: Open, now: () => number): void {
  const webhooks = program.command('webhooks').description('addresses that are told of what happens')
  addList<WebhookView>(webhooks, open, '/webhooks', webhookTable, 'ocpi-hub webhooks list')
  addAdd(webhooks, open)
  addSet(webhooks, open)
  addTest(webhooks, open, now)
  addDeliveries(webhooks, open, now)
  addRotation(webhooks, open)
  addRemove(webhooks, open, '/webhooks', 'and told of nothing any more', 'ocpi-hub webhooks remove "on call" --yes')
}

function addAdd(webhooks: Command, open: Open): void {
  withWish(webhooks.command('add'))
    .description('have an address told, and show its secret this once')
    .argument('<name>', 'to tell it by')
    .argument('<url>', 'where the events are sent to')
    .addHelpText(
      'after',
      '\nExample:\n  ocpi-hub webhooks add "on call" https://alerts.example/ocpi --kinds alarm,queue.paused',
    )
    .action(async (name: string, url: string, options: Wish, command: Command) => {
      const session = await open(command)
      const { kinds, reason } = options
      const platform_id = await idIfNamed(session.api, options.platform)
      const body = { name, url, kinds, platform_id, reason }
      session.show(await session.api.call<CreatedWebhookView>('POST', '/webhooks', { body }), (made) =>
        secretText(session.screen, made),
      )
    })
}

function addSet(webhooks: Command, open: Open): void {
  withWish(webhooks.command('set'))
    .description('change what it is told and where, or turn it off and on; what is left out stays')
    .argument('<webhook>', 'name or id')
    .option('--name <name>', 'another name')
    .option('--to <url>', 'another address')
    .option('--all-platforms', 'tell of all platforms again')
    .option('--on <on|off>', 'whether it is told', onOff)
    .addHelpText('after', '\nExample:\n  ocpi-hub webhooks set "on call" --on off')
    .action(async (named: string, options: Change, command: Command) => {
      const session = await open(command)
      const { kinds, name, to: url, on, reason, allPlatforms } = options
      const id = await idOf(session.api, '/webhooks', named)
      const platform_id = allPlatforms ? null : await idIfNamed(session.api, options.platform)
      const body = { name, url, kinds, platform_id, on, reason }
      session.show(await session.api.call<WebhookView>('PATCH', `/webhooks/${id}`, { body }), (webhook) =>
        webhookTable(session.screen, [webhook]),
      )
    })
}

function addTest(webhooks: Command, open: Open, now: () => number): void {
  webhooks
    .command('test')
    .description('send a test now; exit code 4 when it is not taken')
    .argument('<webhook>', 'name or id')
    .addHelpText('after', '\nExample:\n  ocpi-hub webhooks test "on call"')
    .action(async (named: string, _: unknown, command: Command) => {
      const session = await open(command)
      const id = await idOf(session.api, '/webhooks', named)
      const reply = await session.api.call<WebhookDeliveryView>('POST', `/webhooks/${id}/test`)
      session.show(reply, (delivery) => deliveryTable(session.screen, [delivery], now()))
      if (reply.value.state !== 'delivered') throw new Failure(EXIT.partner, '')
    })
}

function addDeliveries(webhooks: Command, open: Open, now: () => number): void {
  webhooks
    .command('deliveries')
    .description('what it was told and is still to be told, the newest first')
    .argument('<webhook>', 'name or id')
    .addHelpText('after', '\nExample:\n  ocpi-hub webhooks deliveries "on call"')
    .action(async (named: string, _: unknown, command: Command) => {
      const session = await open(command)
      const path = `/webhooks/${await idOf(session.api, '/webhooks', named)}/deliveries`
      const reply = await session.api.call<readonly WebhookDeliveryView[]>('GET', path)
      session.show(reply, (rows) => (rows.length === 0 ? 'None\n' : deliveryTable(session.screen, rows, now())))
    })
}

function addRotation(webhooks: Command, open: Open): void {
  withReason(webhooks.command('rotate-secret'))
    .description('give it a new secret, and show it this once; for 24 hours the one before signs too')
    .argument('<webhook>', 'name or id')
    .addHelpText('after', '\nExample:\n  ocpi-hub webhooks rotate-secret "on call"')
    .action(async (named: string, { reason }: ReasonOption, command: Command) => {
      const session = await open(command)
      const path = `/webhooks/${await idOf(session.api, '/webhooks', named)}/rotate-secret`
      const reply = await session.api.call<CreatedWebhookView>('POST', path, { query: { reason } })
      session.show(reply, (made) => secretText(session.screen, made))
    })
}

function withWish(command: Command): Command {
  return withReason(command)
    .option('--kinds <list>', 'what it is told of, with commas between', kindList)
    .option('--platform <platform>', 'told of this one alone: id, name or party')
}

function kindList(text: string): readonly string[] {
  const kinds = text.split(',').map((kind) => kind.trim())
  if (kinds.includes('')) throw new InvalidArgumentError('Expected kinds such as alarm,queue.paused.')
  return kinds
}

function secretText(screen: Screen, { name, secret, kinds, older_secret_ends_at }: CreatedWebhookView): string {
  return facts(screen, [
    ['webhook', name],
    ['secret', { text: secret, tone: 'strong' }],
    ['told of', kinds.join(', ')],
    ['the one before', older_secret_ends_at && `signs until ${moment(older_secret_ends_at)}`],
    ['', 'It is shown this once: keep it.'],
  ])
}

function webhookTable(screen: Screen, webhooks: readonly WebhookView[]): string {
  const rows = webhooks.map((webhook) => {
    const { id, name, url, waiting, delivered, given_up, kinds } = webhook
    return [name, standing(webhook), url, delivered, waiting, given_up, kinds.join(','), id]
  })
  const heads = ['NAME', 'STATE', 'TO', 'TAKEN', 'WAITING', 'GIVEN UP', 'TOLD OF', 'ID']
  return table(screen, heads, rows, ['TO', 'TOLD OF'])
}

function standing({ off_because, failing_since }: WebhookView): Cell {
  if (off_because === 'administrator') return { text: '– off', tone: 'quiet' }
  if (off_because !== null) return { text: `■ off: ${off_because}`, tone: 'bad' }
  return failing_since === null ? { text: '● on', tone: 'good' } : { text: '▲ failing', tone: 'warn' }
}

function deliveryTable(screen: Screen, deliveries: readonly WebhookDeliveryView[], now: number): string {
  const rows = deliveries.map(({ kind, at, state, attempts, last_attempt: last }) => [
    kind,
    ago(at, now),
    {
      text: state,
      tone: state === 'delivered' ? ('good' as const) : state === 'waits' ? ('warn' as const) : ('bad' as const),
    },
    attempts,
    last?.failure ?? (last?.http_status ? `HTTP ${last.http_status}` : ''),
    last?.answer ?? '',
  ])
  return table(screen, ['KIND', 'HAPPENED', 'STATE', 'ATTEMPTS', 'CAME OF IT', 'ANSWER'], rows, ['ANSWER'])
}
