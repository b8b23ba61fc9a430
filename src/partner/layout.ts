import { assetAddress } from '../admin/console/assets.ts'
import { type Html, html } from '../admin/console/parts/html.ts'
import type { HubName } from '../admin/console/parts/hub-name.ts'
import { EMBLEM, type IconName, icon } from '../admin/console/parts/icon.ts'

/** The side bar: what it is called, and where it leads. */
const SECTIONS = {
  overview: ['Status', '/partner'],
  messages: ['Messages', '/partner/messages'],
  queues: ['Missed', '/partner/missed'],
  audit: ['Check', '/partner/check'],
} as const satisfies Readonly<Partial<Record<IconName, readonly [string, string]>>>

export type Section = keyof typeof SECTIONS

/** A page with the side bar, of one platform. */
export function page(of: {
  readonly title: string
  readonly section: Section
  readonly hub: HubName
  readonly platform: string
  readonly body: Html
}): Html {
  return wrapped(
    of.title,
    of.hub,
    html`<a class="skip" href="#main">Skip to content</a>
<nav class="side" aria-label="Sections">
${brand(of.hub)}
${Object.entries(SECTIONS).map(([key, [label, link]]) => html`<a class="nav" href="${link}"${key === of.section ? html` aria-current="page"` : ''}>${icon(key as Section)}${label}</a>`)}
<form class="who" method="post" action="/partner/leave"><span>${of.platform}</span><button class="link">Leave</button></form>
</nav>
<div class="frame">
<main id="main">
${of.body}
</main>
</div>`,
  )
}

/** A page without the side bar, for whom no link let in yet. */
export function plainPage(title: string, hub: HubName, body: Html): Html {
  return wrapped(title, hub, html`<main id="main" class="plain">\n${brand(hub)}\n${body}\n</main>`)
}

function brand({ name, party }: HubName): Html {
  return html`<div class="brand">${EMBLEM}<span>${name}<small>${party}</small></span></div>`
}

function wrapped(title: string, hub: HubName, body: Html): Html {
  const asset = (name: Parameters<typeof assetAddress>[0]) => assetAddress(name, '/partner/assets')
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex,nofollow">
<title>${title} · ${hub.name}</title>
<link rel="preload" href="${asset('inter.woff2')}" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="${asset('console.css')}">
<link rel="icon" href="data:,">
<script src="${asset('console.js')}" defer></script>
</head>
<body>
${body}
</body>
</html>`
}
