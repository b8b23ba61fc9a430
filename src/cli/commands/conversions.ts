import { type Command, InvalidArgumentError, Option } from 'commander'
import { usage } from '../exit.ts'
import { idIfNamed, idOfPlatform } from '../find-platform.ts'
import { onOff, type ReasonOption, withReason } from '../input.ts'
import { type PageOptions, readList, wholeNumber, withPages } from '../pages.ts'
import type { Open } from '../session.ts'
import { conversionText, outcomesTable, remarkTable } from '../text/conversion.ts'
import { footer } from '../text/platform.ts'
import type { ConversionOutcomesView, ConversionRemarkView, PlatformView } from '../views.ts'

type FilterOptions = PageOptions & {
  readonly source?: string
  readonly platform?: string
  readonly from?: string
  readonly to?: string
  readonly kind?: string
  readonly fate?: string
}

/** What is lost between platforms of unlike OCPI versions, and how each has it. */
export function addConversionCommands(program: Command, platforms: Command, open: Open): void {
  const conversions = program.command('conversions').description('what conversions between OCPI versions lose')
  withFilters(conversions.command('list'))
    .description('list what was lost, invented, changed or withheld, most frequent first')
    .addOption(
      new Option('--fate <fate>', 'only what was').choices(['lost', 'invented', 'changed', 'withheld', 'unknown']),
    )
    .addHelpText('after', '\nExample:\n  ocpi-hub conversions list --platform DE-EMB --fate withheld')
    .action(async (options: FilterOptions, command: Command) => {
      const session = await open(command)
      const query = { ...(await queryOf(session, options)), fate: options.fate }
      const list = await readList<ConversionRemarkView>(session.api, '/conversions', query, options)
      session.show(list, (rows) =>
        rows.length === 0
          ? 'Nothing was lost\n'
          : remarkTable(session.screen, rows, session.io.now()) + footer(rows.length, list.hasMore, 'remark'),
      )
    })
  withFilters(conversions.command('outcomes'))
    .description('list how many objects were converted, withheld or failed')
    .addHelpText('after', '\nExample:\n  ocpi-hub conversions outcomes --to 2.1.1')
    .action(async (options: FilterOptions, command: Command) => {
      const session = await open(command)
      const query = await queryOf(session, options)
      const list = await readList<ConversionOutcomesView>(session.api, '/conversions/outcomes', query, options)
      session.show(list, (rows) =>
        rows.length === 0
          ? 'Nothing was converted\n'
          : outcomesTable(session.screen, rows, session.io.now()) + footer(rows.length, list.hasMore, 'row'),
      )
    })
  addSettings(platforms, open)
}

function withFilters(command: Command): Command {
  return withPages(command)
    .option('--source <platform>', 'of what this platform sent')
    .option('--platform <platform>', 'toward this platform')
    .option('--from <version>', 'from this version, 2.2.1')
    .option('--to <version>', 'to this version')
    .option('--kind <kind>', 'of this kind, tariff')
}

async function queryOf({ api }: Awaited<ReturnType<Open>>, { source, platform, from, to, kind }: FilterOptions) {
  return { source: await idIfNamed(api, source), platform: await idIfNamed(api, platform), from, to, kind }
}

type SetOptions = ReasonOption & {
  readonly preset?: string
  readonly extras?: string
  readonly tariffLoss?: string
  readonly ownerMembers?: boolean
  readonly ownerInUrl?: string
  readonly ids?: string
  readonly counterparty?: string
  readonly timeZone?: string
  readonly vat?: string
  readonly commandTimeout?: number | 'default'
  readonly credit?: string
  readonly referenceMember?: string
  readonly signedData?: boolean
  readonly tellsLosses?: boolean
}

function addSettings(platforms: Command, open: Open): void {
  const oneOf = (flags: string, what: string, ...values: string[]) =>
    new Option(flags, what).choices([...values, 'default'])
  withReason(platforms.command('conversion'))
    .description('show or change how messages are converted for a platform; what is left out stays')
    .argument('<platform>', 'id, name or party')
    .addOption(new Option('--preset <name>', 'values to begin from').choices(['default', 'gireve']))
    .addOption(oneOf('--extras <what>', 'what its version does not have', 'drop', 'keep'))
    .addOption(oneOf('--tariff-loss <what>', 'tariffs that it would price otherwise', 'withhold', 'send'))
    .option('--tells-losses <on|off>', 'say in answers what was lost', onOff)
    .option('--counterparty <party>', 'of 2.1.1: the one party that it has to do with')
    .addOption(oneOf('--ids <how>', 'of 2.1.1: ids of objects', 'as-sent', 'prefixed'))
    .addOption(oneOf('--owner-in-url <whom>', 'of 2.1.1: whom URLs of pushes name', 'owner', 'hub'))
    .option('--owner-members <on|off>', 'of 2.1.1: objects say whose they are', onOff)
    .option('--reference-member <name>', 'of 2.1.1: what authorization_reference is called')
    .option('--signed-data <on|off>', 'of 2.1.1: CDRs have signed_data', onOff)
    .addOption(oneOf('--credit <how>', 'of 2.1.1: credit CDRs', 'remark', 'withhold'))
    .option('--time-zone <zone>', 'of 2.1.1: of its Locations, Europe/Amsterdam')
    .option('--vat <percent>', 'of 2.1.1: of its prices')
    .option('--command-timeout <seconds>', 'of 2.1.1: until commands come to a result', secondsOrDefault)
    .addHelpText(
      'after',
      "\nWhere a value is expected, default goes back to the hub's.\n\nExamples:\n" +
        '  ocpi-hub platforms conversion Rheinstrom\n' +
        '  ocpi-hub platforms conversion Rheinstrom --preset gireve --time-zone Europe/Berlin',
    )
    .action(async (named: string, options: SetOptions, command: Command) => {
      const conversion = changeOf(options)
      const isChange = Object.keys(conversion).length > 0
      if (!isChange && options.reason !== undefined) throw usage('Nothing to change: name a setting, see --help')
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}`
      const change = { body: { conversion }, query: { reason: options.reason } }
      const reply = isChange
        ? await session.api.call<PlatformView>('PATCH', path, change)
        : await session.api.call<PlatformView>('GET', path)
      session.show(reply, (platform) => conversionText(session.screen, platform))
    })
}

/** Only what was named; to the API null is the default. */
function changeOf(options: SetOptions): Record<string, unknown> {
  const { preset, reason: _, ...named } = options
  const fields = Object.entries(named).map(([name, value]): [string, unknown] => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value === 'default' ? null : value,
  ])
  return { ...(preset !== undefined && { preset }), ...Object.fromEntries(fields) }
}

function secondsOrDefault(text: string): number | 'default' {
  if (text === 'default') return text
  try {
    return wholeNumber(text)
  } catch {
    throw new InvalidArgumentError('Expected a whole number, or default.')
  }
}
