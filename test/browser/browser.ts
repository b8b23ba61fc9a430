import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

// A real browser for the console's pages: Debian's chromium, or another one by CHROMIUM.

const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where pictures of pages go. */
export const PICTURES = process.env['PICTURES'] ?? join(tmpdir(), 'ocpi-hub-pictures')

/** The program; null where this machine has none, whose tests are skipped then. In CI there has to be one. */
export const CHROMIUM = PLACES.find((place): place is string => place !== undefined && existsSync(place)) ?? null

if (CHROMIUM === null && !process.env['CI'])
  process.stderr.write(
    'test/browser is skipped: there is no chromium here (apt-get install chromium, or set CHROMIUM)\n',
  )

/** Whether tests in a browser run here. */
export const hasBrowser = CHROMIUM !== null || Boolean(process.env['CI'])

export type Visitor = {
  readonly page: Page
  /** Goes to a page of the hub, and waits until all of it is there. Answers the status. */
  readonly visit: (path: string) => Promise<number>
  /** What browsers and people complain of: violations of the policy, errors in the console, requests that leave the hub. */
  readonly complaints: string[]
  /** What axe finds that is serious or critical, by some of its rules or by all. */
  readonly barriers: (rules?: readonly string[] | null) => Promise<string[]>
  /** Takes a picture of the whole page, or of as much as a window shows. */
  readonly picture: (name: string, of?: 'page' | 'window') => Promise<void>
  readonly close: () => Promise<void>
}

type Visit = {
  readonly width?: number
  readonly colorScheme?: 'light' | 'dark'
  /** @default true */
  readonly hasScripts?: boolean
}

export async function launch(): Promise<Browser> {
  if (CHROMIUM === null) throw new Error('Expected chromium: CI installs it')
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
}

/** Somebody with a browser of their own, who has not signed in. */
export async function visitorOf(
  browser: Browser,
  hubUrl: string,
  { width = 1280, colorScheme = 'light', hasScripts = true }: Visit = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme,
    // Pages do not fade into each other: that takes time, and a machine under load breaks it off with an error.
    reducedMotion: 'reduce',
    javaScriptEnabled: hasScripts,
    timezoneId: 'Europe/Amsterdam',
    locale: 'en-GB',
  })
  // Less than a test may take, so that it says what it waited for.
  context.setDefaultTimeout(25_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(hubUrl) && !request.url().startsWith('data:'))
      complaints.push(`asks ${request.url()}`)
  })
  return {
    page,
    complaints,
    async visit(path) {
      const answer = await page.goto(hubUrl + path, { waitUntil: 'load' })
      return answer?.status() ?? 0
    },
    async barriers(rules = null) {
      if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe.source)
      const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) }
      const run = `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations)`
      const found = (await page.evaluate(run)) as Violation[]
      return found
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
    },
    async picture(name, of = 'page') {
      await mkdir(PICTURES, { recursive: true })
      await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: of === 'page' })
    },
    close: () => context.close(),
  }
}

type Violation = {
  readonly id: string
  readonly impact: string
  readonly help: string
  readonly nodes: readonly { readonly html: string }[]
}

/** Signs in with the hub's own token, by the form. */
export async function signIn({ page, visit }: Visitor, token: string): Promise<void> {
  await visit('/admin/sign-in')
  await page.getByLabel('Administrator token or API key').fill(token)
  await page.getByRole('button', { name: 'Sign in with it' }).click()
  await page.waitForURL('**/admin')
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Overview')
}

/** Comes in by a partner's link. */
export async function enter({ page, visit }: Visitor, entrance: string): Promise<void> {
  await visit(entrance)
  await page.getByRole('button', { name: 'Open' }).click()
  await page.waitForURL('**/partner')
}
