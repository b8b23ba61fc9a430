import type { Context, Hono } from 'hono'
import type { getPlatform } from '../../../api/platforms/platforms.ts'
import { seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { counted } from '../../parts/figures.ts'
import { head } from '../../parts/head.ts'
import { html } from '../../parts/html.ts'
import { day } from '../../parts/time.ts'
import type { Platform } from '../../views.ts'
import { choiceFields, choiceForm, NOTHING_CHOSEN, noCounterparties, readChoice } from './choice.ts'
import { allOthers, type Choice, counterparties, sendRules, sidesOf } from './rules.ts'

type Ctx = Context<ConsoleEnv, '/admin/onboarding/:id/agreements'>

const SUB = 'With whom may they talk?'

/** With whom may they talk? Rules for a newcomer with many others at once. */
export function addAgreementsPages(app: Hono<ConsoleEnv>): void {
  const path = '/admin/onboarding/:id/agreements'
  app.get(path, onlyWhoMay('POST /agreements/import'), async (c) =>
    showChoice(c, await platformOf(c), { ...NOTHING_CHOSEN, as: c.req.query('as') ?? '' }),
  )

  // First what would be, then the same again to do it.
  app.post(path, async (c) => {
    const form = await readForm(c)
    const choice = readChoice(form)
    const platform = await platformOf(c)
    const others = choice.isAll ? await allOthers(c.get('api'), platform, choice.as) : choice.others
    if (others.length === 0) return showChoice(c, platform, choice, NOBODY)
    const rules = { ...choice, others, reason: form.maybe('reason') }
    const isSure = form.isChecked('sure')
    const sent = await sendRules(c.get('api'), platform, rules, !isSure)
    if (sent.kind === 'done' && isSure) return seeOther(c, `/admin/onboarding/${platform.id}`, 'allowed')
    if (sent.kind === 'done') return showPreview(c, platform, choice, others)
    if (!isSure) return showChoice(c, platform, choice, sent.problem)
    return showPreview(c, platform, choice, others, { problem: sent.problem, reason: form.text('reason') })
  })
}

const NOBODY: Problem = {
  type: 'about:blank',
  title: 'Nobody is chosen',
  status: 400,
  detail: 'Choose with whom they may talk, or all.',
  instance: '',
}

async function showChoice(c: Ctx, platform: Platform, choice: Choice, problem?: Problem) {
  const sides = sidesOf(platform)
  const side = sides.find(({ as }) => as === choice.as) ?? sides[0]
  const page = {
    title: `Agreements of ${platform.name}`,
    section: 'onboarding',
    status: (problem?.status ?? 200) as 200,
  } as const
  const title = head({ title: `Agreements of ${platform.name}`, above: [platform.name, pathOf(platform)], sub: SUB })
  if (side === undefined)
    return showPage(
      c,
      page,
      html`${title}${noCounterparties('It has no party yet', 'Its handshake brings them, or they are announced before.')}`,
    )
  const found = await counterparties(c.get('api'), side, c.req.query('only') ?? '')
  if (found.policy === 'open')
    return showPage(
      c,
      page,
      html`${title}${noCounterparties('All may talk: nothing to do.', 'The policy is open: a pair is kept apart by a rule that denies it.')}`,
    )
  return showPage(
    c,
    page,
    html`${title}${choiceForm({ platform, sides, side, found, choice, problem, only: c.req.query('only') ?? '' })}`,
  )
}

function showPreview(
  c: Ctx,
  platform: Platform,
  choice: Choice,
  others: readonly string[],
  refused: { readonly problem?: Problem; readonly reason?: string } = {},
) {
  const from = choice.from === '' ? 'at once' : `on ${day(choice.from)} 00:00 UTC`
  const names = others.slice(0, 30).join(', ') + (others.length > 30 ? ` and ${others.length - 30} more` : '')
  const title = `Agreements of ${platform.name}`
  const page = confirmPage({
    title,
    above: [platform.name, pathOf(platform)],
    consequences: [
      html`<b>${counted(others.length, 'pair')} open ${from}</b>: ${choice.as.slice(0, choice.as.lastIndexOf(' '))} with ${names}.`,
      choice.modules.length === 0 ? 'All modules.' : `Only ${choice.modules.join(', ')}.`,
      choice.until === '' ? 'Until the rules are ended.' : `Until ${day(choice.until)} 00:00 UTC.`,
    ],
    action: `${pathOf(platform)}/agreements`,
    verb: `Allow ${counted(others.length, 'pair')}`,
    fields: html`<input type="hidden" name="sure" value="yes">${choiceFields({ ...choice, isAll: false, others })}`,
    ...refused,
  })
  return showPage(c, { title, section: 'onboarding', status: (refused.problem?.status ?? 200) as 200 }, page)
}

function platformOf(c: Ctx): Promise<Platform> {
  return c.get('api').get<typeof getPlatform>('/platforms/{id}', { params: { id: c.req.param('id') } })
}

function pathOf({ id }: Platform): string {
  return `/admin/onboarding/${id}`
}
