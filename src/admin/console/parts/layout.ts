import type { AdminRole } from '../../../hub/administration/author.ts'
import { assetAddress } from '../assets.ts'
import type { Marks } from '../console-env.ts'
import { many } from './figures.ts'
import { type Html, html } from './html.ts'
import type { HubName } from './hub-name.ts'
import { EMBLEM, type IconName, icon } from './icon.ts'

/** The side bar: what it is called, where it leads, and the route of the API without which there is nothing to see. */
const SECTIONS = {
  overview: ['Overview', '/admin', 'GET /platforms'],
  platforms: ['Platforms', '/admin/platforms', 'GET /platforms'],
  onboarding: ['Onboarding', '/admin/onboarding', 'GET /handshakes'],
  messages: ['Messages', '/admin/messages', 'GET /messages'],
  agreements: ['Agreements', '/admin/agreements', 'GET /agreements'],
  queues: ['Queues', '/admin/queues', 'GET /queues'],
  conversions: ['Conversions', '/admin/conversions', 'GET /conversions'],
  audit: ['Audit trail', '/admin/audit', 'GET /audit'],
  settings: ['Settings', '/admin/settings/people', 'GET /admins'],
  api: ['API', '/admin/api', 'GET /openapi.json'],
} as const satisfies Readonly<Partial<Record<IconName, readonly [string, string, string]>>>

/** An entry of the side bar; `none` for pages that belong to no entry. */
export type Section = keyof typeof SECTIONS | 'none'

/** Who is signed in. */
export type Who = {
  readonly name: string
  readonly role: AdminRole
  readonly mayCall: (route: string) => boolean
}

/** A page with the side bar, for whoever is signed in. */
export function page(of: {
  readonly title: string
  readonly section: Section
  readonly hub: HubName
  readonly who: Who
  readonly marks: Marks
  readonly flash: string | undefined
  readonly body: Html
}): Html {
  const { hub, who, marks } = of
  return wrapped(
    of.title,
    hub,
    html`<a class="skip" href="#main">Skip to content</a>
<nav class="side" aria-label="Sections">
<div class="brand">${EMBLEM}<span>${hub.name}<small>${hub.party}</small></span></div>
${Object.entries(SECTIONS).map(([key, [label, link, route]]) => {
  if (!who.mayCall(route)) return ''
  const current = key === of.section ? html` aria-current="page"` : ''
  const first = key === 'audit' ? html`<div class="sep"></div>` : ''
  return html`${first}<a class="nav" href="${link}"${current}>${icon(key as keyof typeof SECTIONS)}${label}${key === 'platforms' || key === 'queues' ? markOf(marks[key]) : ''}</a>`
})}
<form class="who" method="post" action="/admin/sign-out"><span><a href="/admin/you">${who.name}</a>${who.name === who.role ? '' : html`<br><span class="dim">${who.role}</span>`}</span><button class="link">Sign out</button></form>
</nav>
<div class="frame">
<header class="top">
<form class="find" action="/admin/find" role="search">${icon('find')}<label class="vh" for="q">Find</label><input id="q" name="q" type="search" placeholder="Platform, party, correlation ID, object ID…" maxlength="255" autocomplete="off"><kbd>/</kbd></form>
<div class="live" id="live" title="What changes shows here by itself" hidden><span class="dot"></span>Live</div>
</header>
<main id="main">
<div id="flash" role="status">${of.flash === undefined ? '' : html`<p class="flash">${of.flash}</p>`}</div>
${of.body}
</main>
</div>`,
  )
}

/** How many need somebody, beside an entry of the side bar. */
function markOf(mark: Marks['platforms']): Html | '' {
  if (mark === undefined) return ''
  return html`<span class="n hot" title="${mark.words}"><span aria-hidden="true">${many(mark.n)}</span><span class="vh">: ${mark.words}</span></span>`
}

/** A page without the side bar, for whoever is not signed in. */
export function plainPage(title: string, hub: HubName, body: Html): Html {
  return wrapped(
    title,
    hub,
    html`<main id="main" class="plain">
<div class="brand">${EMBLEM}<span>${hub.name}<small>${hub.party}</small></span></div>
${body}
</main>`,
  )
}

function wrapped(title: string, hub: HubName, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title} · ${hub.name}</title>
<meta name="htmx-config" content='{"includeIndicatorCSS":false,"mode":"same-origin","extensions":"sse","morphIgnore":["data-htmx-powered","open"]}'>
<link rel="preload" href="${assetAddress('inter.woff2')}" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="${assetAddress('console.css')}">
<link rel="icon" href="data:,">
<script src="${assetAddress('htmx.min.js')}" defer></script>
<script src="${assetAddress('hx-sse.min.js')}" defer></script>
<script src="${assetAddress('console.js')}" defer></script>
</head>
<body>
${body}
</body>
</html>`
}
