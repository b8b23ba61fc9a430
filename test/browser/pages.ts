import { createConsole } from '../../src/admin/console/console.ts'
import { createPartnerPages } from '../../src/partner/partner.ts'
import type { PartnerPorts } from '../../src/partner/ports.ts'
import { createAdminHarness } from '../admin/admin-harness.ts'
import type { Filled } from './filled-hub.ts'

// Every page of the console, and every page for partners, with addresses at which a filled hub has something to show there.

type Addresses = (filled: Filled) => readonly string[]

const PLATFORM = '/admin/platforms/:id{[0-9a-f-]{36}}'
const ONBOARDING = '/admin/onboarding/:id'

/** Ends of addresses below one platform. */
const below =
  (start: string, which: 'platform' | 'held' | 'suspended' | 'newcomer' | 'paused', end: string): Addresses =>
  (filled) => [`${start}/${filled[which]}${end}`]

export const PAGES: Readonly<Record<string, Addresses>> = {
  '/admin/sign-in': () => ['/admin/sign-in'],
  '/admin': () => ['/admin', '/admin?window=7d'],
  '/admin/you': () => ['/admin/you'],
  '/admin/find': () => ['/admin/find?q=e', '/admin/find?q=nothing'],
  '/admin/platforms': () => ['/admin/platforms'],
  [PLATFORM]: (filled) =>
    [filled.platform, filled.paused, filled.held, filled.suspended, filled.newcomer].map(
      (id) => `/admin/platforms/${id}`,
    ),
  ...Object.fromEntries(
    ['history', 'others', 'rotate', 'suspend', 'end-older-tokens', 'disconnect', 'remove']
      .concat('roles', 'settings', 'conversion', 'interfaces')
      .map((end) => [`${PLATFORM}/${end}`, below('/admin/platforms', 'platform', `/${end}`)]),
  ),
  [`${PLATFORM}/resume`]: below('/admin/platforms', 'suspended', '/resume'),
  [`${PLATFORM}/release`]: below('/admin/platforms', 'held', '/release'),
  [`${PLATFORM}/checks`]: ({ platform, newcomer }) => [platform, newcomer].map((id) => `/admin/platforms/${id}/checks`),
  [`${PLATFORM}/checks/:number{[0-9]+}`]: below('/admin/platforms', 'platform', '/checks/1'),
  [`${PLATFORM}/partner-links`]: below('/admin/platforms', 'platform', '/partner-links'),
  [`${PLATFORM}/partner-links/:link/revoke`]: ({ platform, link }) => [
    `/admin/platforms/${platform}/partner-links/${link}/revoke`,
  ],
  [`${PLATFORM}/checks/waivers/:probe{[a-z0-9-]+}`]: below('/admin/platforms', 'platform', '/checks/waivers/speed'),
  '/admin/onboarding': () => ['/admin/onboarding'],
  '/admin/onboarding/new': () => ['/admin/onboarding/new', '/admin/onboarding/new?way=connect'],
  [ONBOARDING]: ({ newcomer, held }) => [newcomer, held].map((id) => `/admin/onboarding/${id}`),
  ...Object.fromEntries(
    ['invitation', 'token', 'connect', 'agreements', 'go-on'].map((end) => [
      `${ONBOARDING}/${end}`,
      below('/admin/onboarding', 'newcomer', `/${end}`),
    ]),
  ),
  '/admin/sandbox': () => ['/admin/sandbox'],
  '/admin/sandbox/:id/remove': ({ sandbox }) => [`/admin/sandbox/${sandbox}/remove`],
  '/admin/messages': () => ['/admin/messages', '/admin/messages?party=DE-CPB&kind=direct', '/admin/messages?q=nothing'],
  '/admin/messages/:id': ({ messages }) => Object.values(messages).map((id) => `/admin/messages/${id}`),
  '/admin/messages/:id/replay': ({ messages }) => [`/admin/messages/${messages.broadcast}/replay`],
  '/admin/agreements': () => ['/admin/agreements', '/admin/agreements?view=rules'],
  '/admin/agreements/import': () => ['/admin/agreements/import'],
  '/admin/agreements/new': () => ['/admin/agreements/new'],
  '/admin/agreements/rules/:id/change': ({ rule }) => [`/admin/agreements/rules/${rule}/change`],
  '/admin/agreements/rules/:id/end': ({ rule }) => [`/admin/agreements/rules/${rule}/end`],
  '/admin/agreements/:a{[A-Za-z][A-Za-z][*-][^/]+}/:b': () => [
    '/admin/agreements/DE-CPB/DE-EMB',
    '/admin/agreements/DE-CPB/NL-EMA',
  ],
  '/admin/queues': () => ['/admin/queues', '/admin/queues?state=lagging'],
  '/admin/queues/:id': below('/admin/queues', 'paused', ''),
  '/admin/queues/:id/:verb{pause|resume|skip}': ({ paused, platform }) => [
    `/admin/queues/${platform}/pause`,
    `/admin/queues/${paused}/resume`,
    `/admin/queues/${paused}/skip`,
  ],
  '/admin/queues/:id/missed': below('/admin/queues', 'paused', '/missed'),
  '/admin/queues/:id/missed/resend': below('/admin/queues', 'paused', '/missed/resend'),
  '/admin/conversions': ({ platform }) => ['/admin/conversions', `/admin/conversions?platform=${platform}&fate=lost`],
  '/admin/audit': () => ['/admin/audit', '/admin/audit?q=nothing'],
  '/admin/settings/people': () => ['/admin/settings/people'],
  '/admin/settings/people/new': () => ['/admin/settings/people/new'],
  ...Object.fromEntries(
    ['', '/password', '/remove'].map((end) => [
      `/admin/settings/people/:id${end}`,
      ({ person }: Filled) => [`/admin/settings/people/${person}${end}`],
    ]),
  ),
  '/admin/settings/keys': () => ['/admin/settings/keys'],
  '/admin/settings/keys/new': () => ['/admin/settings/keys/new'],
  ...Object.fromEntries(
    ['', '/revoke'].map((end) => [
      `/admin/settings/keys/:id${end}`,
      ({ key }: Filled) => [`/admin/settings/keys/${key}${end}`],
    ]),
  ),
  '/admin/settings/notifications': () => ['/admin/settings/notifications'],
  '/admin/settings/notifications/new': () => ['/admin/settings/notifications/new'],
  ...Object.fromEntries(
    ['', '/rotate', '/remove'].map((end) => [
      `/admin/settings/notifications/:id${end}`,
      ({ webhook }: Filled) => [`/admin/settings/notifications/${webhook}${end}`],
    ]),
  ),
  '/admin/settings/sign-in': () => ['/admin/settings/sign-in'],
  '/admin/api': () => ['/admin/api'],
  '/partner/enter/:secret': ({ entrance }) => [entrance],
  '/partner': () => ['/partner'],
  '/partner/messages': () => ['/partner/messages', '/partner/messages?party=DE-EMB&since=2020-01-01T00:00'],
  '/partner/messages/:id': ({ messages: { command, broadcast } }) =>
    [command, broadcast].map((id) => `/partner/messages/${id}`),
  '/partner/missed': () => ['/partner/missed'],
  '/partner/check': () => ['/partner/check'],
}

/** What is got by an address and is no page: files, and the streams of pages. */
export const NO_PAGES: readonly string[] = [
  '/admin/assets/:name',
  '/partner/assets/:name',
  '/admin/live',
  '/admin/onboarding/:id/live',
  '/admin/queues/live',
  `${PLATFORM}/checks/:number{[0-9]+}/live`,
  `${PLATFORM}/checks/:number{[0-9]+}/report.json`,
  '/admin/agreements/export',
  '/admin/audit.csv',
]

/** Whatever the console and the pages for partners answer to GET, as their routes have it. */
export function routesOfPages(): string[] {
  const { ports } = createAdminHarness()
  const console = createConsole(ports, async () => new Response())
  const partner = createPartnerPages({ ...ports, now: Date.now } as unknown as PartnerPorts)
  const routes = [...console.routes, ...partner.routes]
  // Some have a guard before them, which is listed as well.
  return [...new Set(routes.filter(({ method }) => method === 'GET').map(({ path }) => path))]
}
