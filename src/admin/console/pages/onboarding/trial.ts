import type { Context, Hono } from 'hono'
import { TRIALS, type Trial } from '../../../../hub/network/sandbox.ts'
import { sideOf } from '../../../../ocpi/sides.ts'
import type { listMessages } from '../../../api/messages/messages.ts'
import type { getPlatform } from '../../../api/platforms/platforms.ts'
import type { attachSandbox, listSandbox } from '../../../api/sandbox/sandbox.ts'
import type { assignSandbox, trySandbox } from '../../../api/sandbox/trials.ts'
import { seeOther } from '../../answer.ts'
import type { Api, Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { readForm } from '../../form.ts'
import { exchangeTable } from '../../parts/exchanges.ts'
import { act } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill } from '../../parts/status.ts'
import { showProblem } from '../../problems.ts'
import type { Message, Platform, SandboxPartner } from '../../views.ts'

/** What a newcomer tries the hub with, and what went between them last. */
export type Trials = { readonly partners: readonly SandboxPartner[]; readonly exchanges: readonly Message[] }

const LATEST = 10
/** How long the exchanges of a trial may take to be in the message log. */
const LOGGED_WITHIN_MS = 1_500
const LOOK_EVERY_MS = 150

/** What is said of a trial on the page that follows. */
export const TRIED = {
  trying: 'They see it now, and nobody else does.',
  'trial-over': 'They see no sandbox partner any more.',
  'tried-well': 'It went well. The exchanges stand below.',
  'tried-ill': 'It did not go well: the exchanges below say why.',
  'nothing-to-begin-with':
    'Nothing to begin with: they list no token, or no location with an EVSE, on their first page.',
  'no-session': 'There is no session for that yet: start one, and wait for it.',
}

/** Each trial as its button says it: what a sandbox eMSP does with a CPO, what a sandbox CPO does with an eMSP. */
const VERBS: Readonly<Record<Trial, Readonly<Record<SandboxPartner['role'], string>>>> = {
  locations: { EMSP: 'Pull locations', CPO: 'Put a location' },
  token: { EMSP: 'Give a token', CPO: 'Authorise a token' },
  'start-session': { EMSP: 'Start a session', CPO: 'Begin a session' },
  'stop-session': { EMSP: 'Stop the session', CPO: 'End the session' },
  cdr: { EMSP: 'Get the CDRs', CPO: 'Send the CDR' },
}

export async function readTrials(api: Api, { id, sandbox_partners: ids }: Platform): Promise<Trials> {
  if (ids.length === 0) return { partners: [], exchanges: [] }
  const partners = (await api.get<typeof listSandbox>('/sandbox')).filter((partner) => ids.includes(partner.id))
  const found = await Promise.all(
    partners.map(({ party }) =>
      api.send<typeof listMessages>('get', '/messages', {
        query: { platform_id: id, party: `${party.country_code}-${party.party_id}`, limit: LATEST },
      }),
    ),
  )
  const exchanges = found.flatMap((sent) => (sent.kind === 'done' ? sent.body : []))
  return { partners, exchanges: exchanges.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, LATEST) }
}

/** The step *Try it*, which nobody has to take. */
export function trialStep(
  { platform, trials }: { readonly platform: Platform; readonly trials: Trials },
  mayAsk: (route: string) => boolean,
): Html {
  const path = `/admin/onboarding/${platform.id}`
  const mayAssign = mayAsk('PUT /platforms/{id}/sandbox') && mayAsk('POST /sandbox')
  const title = html`<h2 id="try">Try it ${pill('off', 'optional')}</h2>`
  if (!platform.has_credentials)
    return html`${title}<p>Before a real partner is ready: once credentials are exchanged, a simulated partner of the other side, which nobody else sees.</p>`
  if (trials.partners.length === 0)
    return html`${title}<p>A simulated partner of the other side, which nobody else sees: they can call it, and you can have it call them.</p>${mayAssign ? html`<div class="acts">${act(`${path}/sandbox`, 'Let them try the hub')}</div>` : ''}`
  const end = mayAssign ? act(`${path}/sandbox/end`, 'End the trial') : ''
  return html`${title}${trials.partners.map((partner) => partnerLine(partner, path, mayAsk('POST /platforms/{id}/sandbox/try')))}
${exchangeTable(trials.exchanges, html`<p class="dim">No exchange between them in the last 24 hours.</p>`)}
<div class="acts">${end}<a class="btn" href="${address('/admin/messages', { platform_id: platform.id })}">All its exchanges</a></div>`
}

function partnerLine({ id, name, role, party, misbehaviour }: SandboxPartner, path: string, mayTry: boolean): Html {
  const how = misbehaviour === 'none' ? '' : html` ${pill('warn', misbehaviour)}`
  const buttons = TRIALS.map((what) => act(`${path}/sandbox/try`, VERBS[what][role], { fields: { what, partner: id } }))
  return html`<p><a href="/admin/sandbox">${name}</a> <span class="mono dim">${party.country_code}-${party.party_id}</span>${how}</p>${mayTry ? html`<div class="acts">${buttons}</div>` : ''}`
}

export function addTrialPages(app: Hono<ConsoleEnv>): void {
  app.post('/admin/onboarding/:id/sandbox', async (c) => {
    const api = c.get('api')
    const id = c.req.param('id')
    const platform = await api.get<typeof getPlatform>('/platforms/{id}', { params: { id } })
    const partners: string[] = []
    for (const role of rolesFor(platform)) {
      const found = await partnerOf(api, role)
      if (typeof found !== 'string') return showProblem(c, found)
      partners.push(found)
    }
    return assign(c, id, partners, 'trying')
  })

  app.post('/admin/onboarding/:id/sandbox/end', (c) => assign(c, c.req.param('id'), [], 'trial-over'))

  app.post('/admin/onboarding/:id/sandbox/try', async (c) => {
    const form = await readForm(c)
    const id = c.req.param('id')
    const what = form.text('what') as Trial
    const input = { params: { id }, body: { what, partner: form.text('partner') } }
    const sent = await c.get('api').send<typeof trySandbox>('post', '/platforms/{id}/sandbox/try', input)
    if (sent.kind === 'problem') return showProblem(c, sent.problem)
    const { is_good, exchanges } = sent.body
    const last = exchanges.at(-1)
    if (last) await untilLogged(c.get('api'), last.correlation_id)
    const isAnswered = exchanges.every((exchange) => exchange.is_good)
    return backTo(c, id, is_good ? 'tried-well' : !isAnswered ? 'tried-ill' : whyNothing(what))
  })
}

/** Why a trial ended before it came to what it is about. */
function whyNothing(what: Trial): keyof typeof TRIED {
  if (what === 'stop-session' || what === 'cdr') return 'no-session'
  return what === 'locations' ? 'tried-ill' : 'nothing-to-begin-with'
}

async function assign(
  c: Context<ConsoleEnv>,
  id: string,
  partners: string[],
  done: keyof typeof TRIED,
): Promise<Response> {
  const input = { params: { id }, body: { partners } }
  const sent = await c.get('api').send<typeof assignSandbox>('put', '/platforms/{id}/sandbox', input)
  return sent.kind === 'problem' ? showProblem(c, sent.problem) : backTo(c, id, done)
}

function backTo(c: Context<ConsoleEnv>, id: string, done: keyof typeof TRIED) {
  return seeOther(c, `/admin/onboarding/${id}`, done)
}

/** Of the other side of its parties; of both while it has none. */
function rolesFor({ parties }: Platform): SandboxPartner['role'][] {
  const sides = new Set(parties.map(({ role }) => sideOf(role)))
  return [
    ...(sides.has('cpo') || sides.size === 0 ? (['EMSP'] as const) : []),
    ...(sides.has('emsp') || sides.size === 0 ? (['CPO'] as const) : []),
  ]
}

/** The id of the first that there is, or of a new one. */
async function partnerOf(api: Api, role: SandboxPartner['role']): Promise<string | Problem> {
  const known = (await api.get<typeof listSandbox>('/sandbox')).find((partner) => partner.role === role)
  if (known) return known.id
  const sent = await api.send<typeof attachSandbox>('post', '/sandbox', { body: { role } })
  return sent.kind === 'done' ? sent.body.id : sent.problem
}

/** Waits for an exchange, so that the page that follows shows it; not for long. */
async function untilLogged(api: Api, correlationId: string): Promise<void> {
  const until = Date.now() + LOGGED_WITHIN_MS
  const query = { correlation_id: correlationId, limit: 1 }
  while (Date.now() < until) {
    const sent = await api.send<typeof listMessages>('get', '/messages', { query })
    if (sent.kind === 'problem' || sent.body.length > 0) return
    await new Promise((resolve) => void setTimeout(resolve, LOOK_EVERY_MS))
  }
}
