import type { Context, Hono } from 'hono'
import { head } from '../admin/console/parts/head.ts'
import { html } from '../admin/console/parts/html.ts'
import { createPartnerCookie } from '../admin/sign-in/session-cookie.ts'
import { tooMany } from './door.ts'
import type { PartnerEnv } from './env.ts'
import { plainPage } from './layout.ts'
import type { PartnerPorts } from './ports.ts'
import { showPlain } from './problems.ts'

const SECRET = /^[A-Za-z0-9_-]{43}$/

/**
 * Where a link leads: a page with one button, since programs that read mail follow links and press none; the button gives the browser a
 * session. A link lets in as many browsers as its bounds say, until it ends or is revoked: it is for all who work on the connection.
 */
export function addEntrance(app: Hono<PartnerEnv>, ports: PartnerPorts): void {
  const { sessions, wrongLinks, random, digest, now } = ports
  const cookie = createPartnerCookie(ports)

  /** Looked up by its digest, so that how long that takes tells nothing of the secrets there are. */
  async function digestOf(secret: string): Promise<string | null> {
    const own = digest(secret)
    return SECRET.test(secret) && (await sessions.isGood(own, now())) ? own : null
  }

  app.on(['GET', 'POST'], '/partner/enter/:secret', async (c) => {
    const address = ports.clientAddress(c)
    if (!wrongLinks.hasRoom(address)) return refused(c, address)
    const secretDigest = await digestOf(c.req.param('secret'))
    if (secretDigest === null) return refused(c, address)
    if (c.req.method !== 'POST') return c.html(plainPage('Your connection', c.get('hub'), button(c)))
    const token = random.token()
    const session = await sessions.open(secretDigest, digest(token), now())
    if (session === null) return refused(c, address)
    const before = cookie.read(c)
    if (before !== undefined) await sessions.end(digest(before))
    cookie.set(c, token, Math.max(1, Math.floor((session.expiresAt - now()) / 1000)))
    return c.redirect('/partner', 303)
  })

  app.post('/partner/leave', async (c) => {
    const token = cookie.read(c)
    if (token !== undefined) await sessions.end(digest(token))
    cookie.clear(c)
    return showPlain(c, 200, 'You have left', 'Follow your link to come back.')
  })

  function refused(c: Context<PartnerEnv>, address: string) {
    const taken = wrongLinks.take(address)
    if (taken.kind === 'empty') return tooMany(c, taken.retryAfterSeconds)
    const text = 'It has ended, was revoked, or is not whole. Ask the administrators of the hub for a new one.'
    return showPlain(c, 404, 'This link opens nothing', text)
  }
}

function button(c: Context<PartnerEnv>) {
  const { name, party } = c.get('hub')
  return html`<section class="card pad">${head({ title: 'Your connection', sub: `See what ${name} (${party}) knows of your platform: its status, your messages, and what to do next.` })}
<form method="post"><button class="btn main wide">Open</button></form>
<p class="dim">It stays open in this browser for 12 hours. The link is for you and your colleagues alone: whoever has it sees the same.</p></section>`
}
