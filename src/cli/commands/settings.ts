import { type Command, InvalidArgumentError, Option } from 'commander'
import { usage } from '../exit.ts'
import { idOfPlatform } from '../find-platform.ts'
import { onOff, partyRole, type ReasonOption, several, withReason } from '../input.ts'
import { wholeNumber } from '../pages.ts'
import type { Open } from '../session.ts'
import { platformText } from '../text/platform.ts'
import type { PlatformView } from '../views.ts'

/** `default`: as the hub has it. */
type Count = number | 'default'

type SetOptions = ReasonOption & {
  readonly name?: string
  readonly party?: readonly ReturnType<typeof partyRole>[]
  readonly hold?: boolean
  readonly strict?: boolean
  readonly strictAuthorization?: boolean
  readonly tokenEncoding?: string
  readonly leftOutOfGetAll?: boolean
  readonly mostRoles?: Count
  readonly requestsPerSecond?: Count
  readonly concurrency?: Count
  readonly maxAgeSeconds?: Count
  readonly afterOffline?: string
  readonly broadcastTo?: string
}

/** Changing what a platform is called and how it is treated. */
export function addSettingsCommand(platforms: Command, open: Open): void {
  const settings = withReason(platforms.command('set'))
    .description("change a platform's name, announced parties and settings; what is left out stays")
    .argument('<platform>', 'id, name or party')
    .option('--name <name>', 'how it is called here')
    .option('--party <party:role>', 'announced parties, all of them: may be repeated', several(partyRole))
    .option('--hold <on|off>', 'keep it from going live until it is released', onOff)
    .option('--strict <on|off>', 'hold it to the specification', onOff)
    .option('--strict-authorization <on|off>', 'take its token as the specification writes it only', onOff)
    .addOption(new Option('--token-encoding <how>', 'how the hub writes its token').choices(['base64', 'raw']))
    .option('--left-out-of-get-all <on|off>', 'keep its lists out of GET All', onOff)
  withDelivery(settings)
    .addHelpText(
      'after',
      "\nWhere a number is expected, default goes back to the hub's.\n\nExamples:\n" +
        '  ocpi-hub platforms set DE-CPB --name "Rheinstrom GmbH" --reason "ticket 4711"\n' +
        '  ocpi-hub platforms set Rheinstrom --requests-per-second 20 --after-offline resync',
    )
    .action(async (named: string, options: SetOptions, command: Command) => {
      const body = changeOf(options)
      if (Object.keys(body).length === 0) throw usage('Nothing to change: name a setting, see --help')
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}`
      const query = { reason: options.reason }
      const reply = await session.api.call<PlatformView>('PATCH', path, { body, query })
      session.show(reply, (platform) => platformText(session.screen, platform, session.io.now()))
    })
}

function withDelivery(command: Command): Command {
  return command
    .option('--most-roles <n>', 'roles that it may have', numberOrDefault)
    .option('--requests-per-second <n>', 'pace of its deliveries', numberOrDefault)
    .option('--concurrency <n>', 'deliveries to it at once', numberOrDefault)
    .option('--max-age-seconds <n>', 'how long a failing push is tried', numberOrDefault)
    .addOption(new Option('--after-offline <what>', 'what becomes of its queue').choices(['none', 'resync', 'default']))
    .addOption(
      new Option('--broadcast-to <whom>', 'a broadcast once for each').choices(['platform', 'party', 'default']),
    )
}

/** Only what was named: all else stays as it is. */
function changeOf(options: SetOptions): Record<string, unknown> {
  const delivery = named({
    requests_per_second: orDefault(options.requestsPerSecond),
    concurrency: orDefault(options.concurrency),
    max_age_seconds: orDefault(options.maxAgeSeconds),
    after_offline: orDefault(options.afterOffline),
    broadcast_to: orDefault(options.broadcastTo),
  })
  return named({
    name: options.name,
    parties: options.party,
    hold: options.hold,
    strict: options.strict,
    strict_authorization: options.strictAuthorization,
    token_encoding: options.tokenEncoding,
    left_out_of_get_all: options.leftOutOfGetAll,
    most_roles: orDefault(options.mostRoles),
    delivery: Object.keys(delivery).length === 0 ? undefined : delivery,
  })
}

function named(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** To the API null is the hub's own; to an option it is nothing. */
function orDefault<T>(value: T | 'default' | undefined): T | null | undefined {
  return value === 'default' ? null : value
}

function numberOrDefault(text: string): Count {
  if (text === 'default') return text
  try {
    return wholeNumber(text)
  } catch {
    throw new InvalidArgumentError('Expected a whole number, or default.')
  }
}
