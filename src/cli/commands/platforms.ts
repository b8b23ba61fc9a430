import { Command, Option } from 'commander'
import { findPlatform, idOfPlatform } from '../find-platform.ts'
import { partyRole, type ReasonOption, several, withReason } from '../input.ts'
import { type PageOptions, readList, withPages } from '../pages.ts'
import type { Open } from '../session.ts'
import {
  clientInfoTable,
  footer,
  historyTable,
  platformLine,
  platformTable,
  platformText,
  registrationText,
} from '../text/platform.ts'
import type { ClientInfoView, CreatedPlatformView, PlatformView, RegistrationView, StatusSpanView } from '../views.ts'

const STATUSES = ['connected', 'offline', 'planned', 'suspended']
const SORTS = ['created', 'name', 'status_since', 'last_seen']

type ListOptions = PageOptions & {
  readonly status?: string
  readonly party?: string
  readonly role?: string
  readonly ocpi?: string
  readonly sort?: string
}

type CreateOptions = ReasonOption & {
  readonly party?: readonly ReturnType<typeof partyRole>[]
  readonly hold?: boolean
  readonly tokenEncoding?: string
}

type Role = 'SENDER' | 'RECEIVER'

/** Finding, adding and changing platforms. */
export function addPlatformCommands(program: Command, open: Open): Command {
  const platforms = program.command('platforms').description('the systems that partners connected, and those to come')
  addList(platforms, open)
  addShow(platforms, open)
  addClientInfo(platforms, open)
  addCreate(platforms, open)
  addEndpoint(platforms, open)
  return platforms
}

function addList(platforms: Command, open: Open): void {
  withPages(platforms.command('list'))
    .description('list platforms, those that fit all filters')
    .argument('[text]', 'part of the name or of a party')
    .addOption(new Option('--status <status>', 'only those that are').choices(STATUSES))
    .option('--party <party>', 'only those that have this party')
    .option('--role <role>', 'only those with this role, CPO or EMSP for instance')
    .option('--ocpi <version>', 'only those that speak this version, 2.2.1 for instance')
    .addOption(
      new Option('--sort <order>', 'with a minus the other way round').choices([
        ...SORTS,
        ...SORTS.map((sort) => `-${sort}`),
      ]),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  ocpi-hub platforms list --status offline --sort=-status_since\n  ocpi-hub platforms list nl-ab',
    )
    .action(async (text: string | undefined, options: ListOptions, command: Command) => {
      const session = await open(command)
      const { status, party, role, ocpi: version, sort } = options
      const query = { q: text, status: status?.toUpperCase(), party, role: role?.toUpperCase(), version, sort }
      const list = await readList<PlatformView>(session.api, '/platforms', query, options)
      session.show(list, (rows) =>
        rows.length === 0
          ? 'No platform fits\n'
          : platformTable(session.screen, rows, session.io.now()) + footer(rows.length, list.hasMore, 'platform'),
      )
    })
}

function addShow(platforms: Command, open: Open): void {
  platforms
    .command('show')
    .description('show a platform: status, parties, interfaces, settings')
    .argument('<platform>', 'id, name or party')
    .addHelpText('after', '\nExamples:\n  ocpi-hub platforms show Rheinstrom\n  ocpi-hub platforms show DE-CPB --json')
    .action(async (named: string, _: unknown, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}`
      const reply = await session.api.call<PlatformView>('GET', path)
      session.show(reply, (platform) => platformText(session.screen, platform, session.io.now()))
    })
  withPages(platforms.command('history'), 20)
    .description("list a platform's statuses with who or what brought each about, newest first")
    .argument('<platform>', 'id, name or party; of a removed one the id')
    .addHelpText('after', '\nExample:\n  ocpi-hub platforms history Nordlade')
    .action(async (named: string, options: PageOptions, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}/history`
      const list = await readList<StatusSpanView>(session.api, path, {}, options)
      session.show(list, (rows) => historyTable(session.screen, rows))
    })
}

function addClientInfo(platforms: Command, open: Open): void {
  withPages(platforms.command('client-info'))
    .description('list what a platform sees of the others, as HubClientInfo tells it now')
    .argument('<platform>', 'id, name or party')
    .addHelpText('after', '\nExample:\n  ocpi-hub platforms client-info DE-EMB')
    .action(async (named: string, options: PageOptions, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}/client-info`
      const list = await readList<ClientInfoView>(session.api, path, {}, options)
      session.show(list, (rows) =>
        rows.length === 0
          ? 'It sees nobody\n'
          : clientInfoTable(session.screen, rows) + footer(rows.length, list.hasMore, 'role'),
      )
    })
}

function addCreate(platforms: Command, open: Open): void {
  withReason(platforms.command('create'))
    .description('add a platform and make the token that its partner registers with')
    .argument('<name>', 'how it is called here')
    .option('--party <party:role>', 'reserve a party for it, NL-CPO:CPO; may be repeated', several(partyRole))
    .option('--hold', 'keep it from going live until it is released')
    .addOption(new Option('--token-encoding <how>', 'how the hub writes its token').choices(['base64', 'raw']))
    .addHelpText('after', '\nExample:\n  ocpi-hub platforms create "Baltic Grid" --party SE-BGR:CPO --hold')
    .action(async (name: string, options: CreateOptions, command: Command) => {
      const session = await open(command)
      const { party: parties, hold, tokenEncoding: token_encoding, reason } = options
      const body = { name, parties, hold, token_encoding, reason }
      const reply = await session.api.call<CreatedPlatformView>('POST', '/platforms', { body })
      session.show(
        reply,
        (made) =>
          platformLine(session.screen, made) + registrationText(session.screen, made.registration, session.io.now()),
      )
    })
  withReason(platforms.command('invite'))
    .description('make a new registration token in the place of the one before')
    .argument('<platform>', 'id, name or party')
    .addHelpText('after', '\nExample:\n  ocpi-hub platforms invite "Baltic Grid"')
    .action(async (named: string, { reason }: ReasonOption, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}/registration`
      const reply = await session.api.call<RegistrationView>('POST', path, { query: { reason } })
      session.show(reply, (registration) => registrationText(session.screen, registration, session.io.now()))
    })
}

function addEndpoint(platforms: Command, open: Open): void {
  withReason(platforms.command('endpoint'))
    .description('mend one endpoint of a partner whose version details are wrong')
    .argument('<platform>', 'id, name or party')
    .argument('<module>', 'locations, tariffs …')
    .argument('<role>', 'SENDER or RECEIVER')
    .argument('<address>', 'its URL; or hidden; or announced: as the partner has it')
    .addHelpText(
      'after',
      '\nExample:\n  ocpi-hub platforms endpoint DE-CPB tariffs SENDER https://cpo.example/ocpi/2.2.1/tariffs',
    )
    .action(
      async (
        named: string,
        identifier: string,
        role: string,
        address: string,
        options: ReasonOption,
        command: Command,
      ) => {
        const session = await open(command)
        const { id, endpoints } = await findPlatform(session.api, named)
        const wanted = { identifier, role: role.toUpperCase() as Role }
        const others = endpoints
          .filter((one) => one.override && (one.identifier !== identifier || one.role !== wanted.role))
          .map(({ identifier, role, url }) => ({ identifier, role, url }))
        const mended = address === 'announced' ? [] : [{ ...wanted, url: address === 'hidden' ? null : address }]
        const body = { endpoint_overrides: [...others, ...mended], reason: options.reason }
        const reply = await session.api.call<PlatformView>('PATCH', `/platforms/${id}`, { body })
        session.show(reply, (platform) => platformText(session.screen, platform, session.io.now()))
      },
    )
}
