import type { Context, Hono } from 'hono'
import type { createPlatform } from '../../../api/platforms/platforms.ts'
import { showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { type Form, readForm } from '../../form.ts'
import { checkBox, faultOf, problemNote, textField } from '../../parts/field.ts'
import { head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { answerConnect, connectFields, NOTHING_GIVEN, readTheirs, type Theirs } from './connect.ts'
import { followBox, showInvitation } from './invitation.ts'
import { NO_PARTIES, type PartyLine, partiesOf, partyFields, readPartyLines } from './parties.ts'

const PATH = '/admin/onboarding/new'
const PAGE = { title: 'Add a platform', section: 'onboarding' } as const

type Typed = {
  readonly name: string
  readonly lines: readonly PartyLine[]
  readonly isHeld: boolean
  /** The invitation has a link by which they follow it. */
  readonly isFollowed: boolean
  /** What the partner sent, where the hub is to begin; null where the partner does. */
  readonly theirs: Theirs | null
}

/** Who is it? Names a platform, and invites it or connects to it. */
export function addNewPlatformPages(app: Hono<ConsoleEnv>): void {
  app.get(PATH, onlyWhoMay('POST /platforms'), (c) => {
    const theirs = c.req.query('way') === 'connect' ? NOTHING_GIVEN : null
    return showPage(c, PAGE, form({ name: '', lines: NO_PARTIES, isHeld: false, isFollowed: true, theirs }))
  })

  app.post(PATH, async (c) => {
    const typed = asTyped(await readForm(c))
    const { theirs } = typed
    const sent = await c.get('api').send<typeof createPlatform>('post', '/platforms', {
      body: {
        name: typed.name,
        parties: partiesOf(typed.lines),
        ...(theirs && { token_encoding: theirs.encoding }),
        // Left out, the hub's setting counts.
        ...(typed.isHeld && { hold: true }),
      },
    })
    if (sent.kind === 'problem') return showAgain(c, typed, sent.problem)
    if (theirs !== null) return answerConnect(c, sent.body, theirs)
    return showInvitation(c, sent.body, sent.body.registration, typed.isFollowed)
  })
}

function asTyped(of: Form): Typed {
  const theirs = of.text('way') === 'connect' ? readTheirs(of) : null
  const checked = { isHeld: of.isChecked('hold'), isFollowed: of.isChecked('follow') }
  return { name: of.text('name').trim(), lines: readPartyLines(of), ...checked, theirs }
}

function showAgain(c: Context<ConsoleEnv>, typed: Typed, problem: Problem) {
  return showPage(c, { ...PAGE, status: problem.status as 400 }, form(typed, problem))
}

function form({ name, lines, isHeld, isFollowed, theirs }: Typed, problem?: Problem): Html {
  const other =
    theirs === null
      ? html`<a class="btn" href="${PATH}?way=connect">They sent us a token: connect from our side</a>`
      : html`<a class="btn" href="${PATH}">We invite them</a>`
  return html`${head({ title: 'Add a platform', above: ['Onboarding', '/admin/onboarding'], sub: 'Who is it?' })}
<section class="card"><form class="form pad" method="post" action="${PATH}">
${problemNote(problem)}
${textField({ name: 'name', label: 'Name of the platform', value: name, maxLength: 100, isRequired: true, fault: faultOf(problem, '#/name') })}
${partyFields(lines, problem)}
${checkBox({ name: 'hold', label: 'Hold it: it stays PLANNED after its handshake, until it is released', isChecked: isHeld })}
${theirs === null ? followBox(isFollowed) : html`<input type="hidden" name="way" value="connect">${connectFields(theirs)}`}
<div class="acts"><button class="btn main">${theirs === null ? 'Make the invitation' : 'Connect'}</button>${other}</div>
</form></section>`
}
