import type { Command } from 'commander'
import { EXIT, Failure } from '../exit.ts'
import { findPlatform, idOfPlatform } from '../find-platform.ts'
import type { HubApi } from '../hub-api.ts'
import { type ReasonOption, withReason } from '../input.ts'
import type { Open } from '../session.ts'
import { clean } from '../text/clean.ts'
import { type Cell, type Screen, table } from '../text/screen.ts'
import { partyText } from '../text/words.ts'
import type { SandboxPartnerView, TrialResultView } from '../views.ts'

/** Sandbox partners: attaching them, having them misbehave, and trying the hub with them. */
export function addSandboxCommands(program: Command, open: Open): void {
  const sandbox = program.command('sandbox').description('simulated partners that newcomers try the hub with')
  addPartnerCommands(sandbox, open)
  withReason(sandbox.command('assign'))
    .description('have a platform try the hub with these partners; with none: with nobody any more')
    .argument('<platform>', 'id, name or party')
    .argument('[partner...]', 'XS-SE1')
    .addHelpText('after', '\nExample:\n  ocpi-hub sandbox assign Rheinstrom XS-SE1')
    .action(async (named: string, partners: readonly string[], { reason }: ReasonOption, command: Command) => {
      const { api, screen, show } = await open(command)
      const id = await idOfPlatform(api, named)
      const all = await listed(api)
      const body = { partners: partners.map((partner) => partnerIn(all, partner).id), reason }
      show(await api.call<readonly SandboxPartnerView[]>('PUT', `/platforms/${id}/sandbox`, { body }), (seen) =>
        partnerTable(screen, seen),
      )
    })
  sandbox
    .command('try')
    .description('have a partner do something with a platform: locations, token, start-session, stop-session or cdr')
    .argument('<platform>', 'id, name or party')
    .argument('<what>', 'locations')
    .argument('[partner]', 'XS-SE1, where it tries the hub with several')
    .addHelpText('after', '\nExample:\n  ocpi-hub sandbox try Rheinstrom start-session')
    .action(async (named: string, what: string, wanted: string | undefined, _: unknown, command: Command) => {
      const { api, screen, show } = await open(command)
      const { id } = await findPlatform(api, named)
      const seen = (await api.call<readonly SandboxPartnerView[]>('GET', `/platforms/${id}/sandbox`)).value
      const partner = partnerIn(seen, wanted)
      const body = { what, partner: partner.id }
      const reply = await api.call<TrialResultView>('POST', `/platforms/${id}/sandbox/try`, { body })
      show(reply, (result) => trialText(screen, result))
      if (!reply.value.is_good) throw new Failure(EXIT.partner, '')
    })
}

function addPartnerCommands(sandbox: Command, open: Open): void {
  sandbox
    .command('list')
    .description('list them, with who sees each and how it behaves')
    .addHelpText('after', '\nExample:\n  ocpi-hub sandbox list')
    .action(async (_: unknown, command: Command) => {
      const { api, screen, show } = await open(command)
      show(await api.call<readonly SandboxPartnerView[]>('GET', '/sandbox'), (all) => partnerTable(screen, all))
    })
  withReason(sandbox.command('attach'))
    .description('attach a simulated partner: a cpo for eMSPs, an emsp for CPOs')
    .argument('<role>', 'cpo or emsp')
    .addHelpText('after', '\nExample:\n  ocpi-hub sandbox attach emsp')
    .action(async (role: string, { reason }: ReasonOption, command: Command) => {
      const { api, screen, show } = await open(command)
      const body = { role: role.toUpperCase(), reason }
      show(await api.call<SandboxPartnerView>('POST', '/sandbox', { body }), (one) => partnerTable(screen, [one]))
    })
  withReason(sandbox.command('behave'))
    .description('have one misbehave: slow, 429, 5xx, malformed, tiny-pages, lost-answers; or none')
    .argument('<partner>', 'XS-SE1')
    .argument('<how>', 'slow')
    .addHelpText('after', '\nExample:\n  ocpi-hub sandbox behave XS-SE1 lost-answers')
    .action(async (named: string, misbehaviour: string, { reason }: ReasonOption, command: Command) => {
      const { api, screen, show } = await open(command)
      const path = `/sandbox/${partnerIn(await listed(api), named).id}`
      const body = { misbehaviour, reason }
      show(await api.call<SandboxPartnerView>('PATCH', path, { body }), (one) => partnerTable(screen, [one]))
    })
  withReason(sandbox.command('remove'))
    .description('take one away, with all that it remembers')
    .argument('<partner>', 'XS-SE1')
    .addHelpText('after', '\nExample:\n  ocpi-hub sandbox remove XS-SE1')
    .action(async (named: string, { reason }: ReasonOption, command: Command) => {
      const { api, show, confirm } = await open(command)
      const { id, name } = partnerIn(await listed(api), named)
      await confirm(`${name} goes with all that it remembers.`)
      show(await api.call('DELETE', `/sandbox/${id}`, { body: { reason } }), () => `${name} is gone\n`)
    })
}

async function listed(api: HubApi): Promise<readonly SandboxPartnerView[]> {
  return (await api.call<readonly SandboxPartnerView[]>('GET', '/sandbox')).value
}

/** The partner that is named by its id, name or party; the only one where none is named. */
function partnerIn(partners: readonly SandboxPartnerView[], named: string | undefined): SandboxPartnerView {
  const isIt = ({ id, name, party }: SandboxPartnerView) =>
    [id, name, partyText(party)].some((own) => own.toLowerCase() === named?.toLowerCase())
  const found = named === undefined ? partners : partners.filter(isIt)
  const [only] = found
  if (!only) throw new Failure(EXIT.notFound, `${named ?? 'It tries the hub with none'}: no such sandbox partner`)
  if (found.length > 1) throw new Failure(EXIT.usage, `It tries the hub with several: name one of them`)
  return only
}

function partnerTable(screen: Screen, partners: readonly SandboxPartnerView[]): string {
  if (partners.length === 0) return 'No sandbox partner\n'
  const rows = partners.map(({ name, party, misbehaviour, tried_by }): Cell[] => [
    name,
    partyText(party),
    misbehaviour === 'none' ? 'behaves' : { text: `▲ ${misbehaviour}`, tone: 'warn' },
    tried_by.map(({ platform_name }) => platform_name).join(', ') || 'nobody',
  ])
  return table(screen, ['PARTNER', 'PARTY', 'BEHAVIOUR', 'SEEN BY'], rows, ['SEEN BY'])
}

function trialText(screen: Screen, { is_good, detail, exchanges }: TrialResultView): string {
  const rows = exchanges.map((one): Cell[] => [
    one.what,
    { text: one.is_good ? `✓ ${one.http_status}` : `■ ${one.http_status}`, tone: one.is_good ? 'good' : 'bad' },
    one.ocpi_status ?? '–',
    one.correlation_id,
  ])
  const steps = rows.length === 0 ? '' : table(screen, ['CALL', 'HTTP', 'OCPI', 'CORRELATION ID'], rows)
  return `${steps}${is_good ? '✓' : '■'} ${clean(detail)}\n`
}
