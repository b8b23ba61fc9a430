import type { Context, Hono } from 'hono'
import type { listReceivers } from '../../../api/messages/deliveries.ts'
import type { getMessage } from '../../../api/messages/messages.ts'
import type { replayMessage } from '../../../api/messages/replay.ts'
import type { getPlatform } from '../../../api/platforms/platforms.ts'
import { seeOther, showPage } from '../../answer.ts'
import type { Api, Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { type Form, readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { checkBox, choice, faultOf } from '../../parts/field.ts'
import { type Html, html } from '../../parts/html.ts'
import type { MessageDetail } from '../../views.ts'
import { lacksIt } from './receivers.ts'

/** What will happen if it is sent again? */
export function addReplayPages(app: Hono<ConsoleEnv>): void {
  app.get('/admin/messages/:id/replay', onlyWhoMay('POST /messages/{id}/replay'), (c) =>
    showReplay(c, c.req.query('platform') ?? ''),
  )

  app.post('/admin/messages/:id/replay', async (c) => {
    const form = await readForm(c)
    const id = c.req.param('id')
    const platform_id = form.maybe('platform')
    const body = {
      ...(platform_id !== undefined && { platform_id }),
      cdr: form.isChecked('cdr'),
      reason: form.maybe('reason'),
    }
    const sent = await c
      .get('api')
      .send<typeof replayMessage>('post', '/messages/{id}/replay', { params: { id }, body })
    if (sent.kind === 'done') return seeOther(c, `/admin/messages/${encodeURIComponent(id)}`, 'replayed')
    return showReplay(c, form.text('platform'), { form, problem: sent.problem })
  })
}

type Tried = { readonly form: Form; readonly problem: Problem }

async function showReplay(c: Context<ConsoleEnv>, platformId: string, tried?: Tried) {
  const id = c.req.param('id') ?? ''
  const api = c.get('api')
  const message = await api.get<typeof getMessage>('/messages/{id}', { params: { id } })
  const to = await nameOf(api, message, platformId)
  const title = to === null ? 'Replay to…' : `Replay to ${to}`
  const action = `/admin/messages/${encodeURIComponent(id)}`
  const whom = to ?? 'The platform that you choose'
  const problem = tried?.problem
  return showPage(
    c,
    { title, section: 'messages', status: (problem?.status ?? 200) as 200 },
    confirmPage({
      title,
      above: [`${message.method} ${message.module}`, action],
      consequences: [
        `${whom} gets the push once more, through its queue, behind what waits there of the same object. Nobody else gets it.`,
        'If a newer push of the object came since, nothing is sent: an old state never goes over a newer one.',
        'Its sender hears nothing of it. What was sent cannot be taken back.',
      ],
      action: `${action}/replay`,
      verb: 'Replay',
      reason: tried?.form.text('reason') ?? '',
      problem: problem && inWords(problem),
      fields: html`${to === null ? await whomField(api, message, problem) : html`<input type="hidden" name="platform" value="${platformId}">`}${cdrField(message, tried)}`,
    }),
  )
}

/** Null while it is open whom a broadcast shall go to. */
async function nameOf(
  api: Api,
  { kind, to_platform_name, to_party }: MessageDetail,
  platformId: string,
): Promise<string | null> {
  if (platformId === '') return kind === 'broadcast' ? null : (to_platform_name ?? to_party ?? 'the partner')
  const sent = await api.send<typeof getPlatform>('get', '/platforms/{id}', { params: { id: platformId } })
  return sent.kind === 'done' ? sent.body.name : null
}

/** Those who may lack a broadcast, among the first hundred. */
async function whomField(api: Api, { id }: MessageDetail, problem: Problem | undefined): Promise<Html> {
  const sent = await api.send<typeof listReceivers>('get', '/messages/{id}/deliveries', {
    params: { id },
    query: { limit: 100 },
  })
  const rows = sent.kind === 'done' ? sent.body.filter(lacksIt) : []
  const options = [...new Map(rows.map(({ platform_id, platform_name }) => [platform_id, platform_name]))]
  return choice({
    name: 'platform',
    label: 'To',
    options: [['', options.length === 0 ? 'Nobody is known to lack it' : 'Choose a platform'], ...options],
    hint: 'Those who may lack it. The page of the broadcast lists all of them.',
    fault: faultOf(problem, '#/platform_id'),
    isRequired: true,
  })
}

function cdrField({ module }: MessageDetail, tried: Tried | undefined): Html | '' {
  if (module !== 'cdrs') return ''
  return checkBox({
    name: 'cdr',
    label: 'Send the CDR again, though the partner may take it for another one and reckon it twice',
    isChecked: tried?.form.isChecked('cdr') ?? false,
  })
}

/** For people rather than for programs. */
function inWords(problem: Problem): Problem {
  const titles: Readonly<Record<string, string>> = {
    'newer-push': 'A newer state is on its way or there already',
    'not-entitled': 'It would not get it',
    'not-replayable': 'This is not sent again',
    'push-gone': 'Nobody holds all of it any more',
  }
  const kind = problem.type.slice(problem.type.lastIndexOf(':') + 1)
  const detail = problem.detail
    .replace('only with `cdr`', 'only when the box is checked')
    .replace('; with `force` it is sent again', '')
  return { ...problem, title: titles[kind] ?? problem.title, detail }
}
