import type { Hono } from 'hono'
import { act, card, head } from '../../admin/console/parts/head.ts'
import { address } from '../../admin/console/parts/href.ts'
import { type Html, html } from '../../admin/console/parts/html.ts'
import { outcome } from '../../admin/console/parts/outcome.ts'
import { pill } from '../../admin/console/parts/status.ts'
import { type Column, table } from '../../admin/console/parts/table.ts'
import { TRIALS, type Trial, type TrialResult } from '../../hub/network/sandbox.ts'
import { showParty } from '../../ocpi/party.ts'
import { showPage } from '../answer.ts'
import type { PartnerEnv } from '../env.ts'
import { nothingHere } from '../problems.ts'
import type { TriedPartner } from '../reads.ts'

/** Each trial as its button says it: what a sandbox eMSP does with a CPO, what a sandbox CPO does with an eMSP. */
const VERBS: Readonly<Record<Trial, Readonly<Record<TriedPartner['role'], string>>>> = {
  locations: { EMSP: 'Pull locations', CPO: 'Put a location' },
  token: { EMSP: 'Give a token', CPO: 'Authorise a token' },
  'start-session': { EMSP: 'Start a session', CPO: 'Begin a session' },
  'stop-session': { EMSP: 'Stop the session', CPO: 'End the session' },
  cdr: { EMSP: 'Get the CDRs', CPO: 'Send the CDR' },
}

type Step = Extract<TrialResult, { kind: 'tried' }>['steps'][number]

/** The simulated partners that the platform tries the hub with, and what they can be told to do with it; nothing without any. */
export function triedCard(partners: readonly TriedPartner[]): Html | '' {
  if (partners.length === 0) return ''
  return card(
    'Try the hub',
    html`<div class="pad"><p>Simulated partners that you alone see. Call them, or have them call you:</p>${partners.map(partnerLine)}</div>`,
  )
}

function partnerLine({ id, name, party, role }: TriedPartner): Html {
  const buttons = TRIALS.map((what) => act(`/partner/try/${id}/${what}`, VERBS[what][role]))
  return html`<p>${name} <span class="mono dim">${showParty(party)}</span></p><div class="acts">${buttons}</div>`
}

/** Has a simulated partner do something with the platform, and tells what came of it. */
export function addTrialAction(app: Hono<PartnerEnv>): void {
  app.post('/partner/try/:partner/:what', async (c) => {
    const what = TRIALS.find((trial) => trial === c.req.param('what'))
    const partner = c
      .get('reads')
      .tried()
      .find(({ id }) => id === c.req.param('partner'))
    if (what === undefined || partner === undefined) return nothingHere(c)
    const result = await c.get('reads').tryOut(partner.id, what)
    if (result.kind === 'unknown-platform' || result.kind === 'unknown-partner') return nothingHere(c)
    const title = `${VERBS[what][partner.role]}: ${partner.name}`
    const isGood = result.kind === 'tried' && result.isGood
    const steps = result.kind === 'tried' ? result.steps : []
    return showPage(
      c,
      { title, section: 'overview', status: result.kind === 'tried' ? 200 : 409 },
      html`<div hidden data-here="/partner"></div>${head({ title: html`${title} ${isGood ? pill('good', 'went well') : pill('warn', 'did not go well')}`, above: ['Status', '/partner'], sub: result.detail })}
${card('Its calls', table('Calls', COLUMNS, steps, html`<p class="pad dim">It made none.</p>`))}`,
    )
  })
}

const COLUMNS: readonly Column<Step>[] = [
  {
    head: 'Call',
    cell: ({ what, correlationId }) =>
      html`<a href="${address('/partner/messages', { correlation_id: correlationId })}">${what}</a>`,
  },
  {
    head: 'Outcome',
    cell: ({ httpStatus, ocpiStatus }) => outcome({ http_status: httpStatus, ocpi_status: ocpiStatus, failure: null }),
  },
  { head: 'What came of it', cell: ({ detail }) => detail, is: 'wide wrap' },
]
