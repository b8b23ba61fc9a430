import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enter, hasBrowser, launch, signIn, type Visitor, visitorOf } from './browser.ts'
import { type Filled, startFilledHub } from './filled-hub.ts'
import { PAGES } from './pages.ts'

/** At the end of every word that partners and administrators send. It breaks out of texts, attributes and scripts. */
const HOSTILE = `"'></pre><img src=x onerror=pwned()><script>pwned()</script>`

/** What a page holds that no page of the console has by itself. */
const PLANTED = `(() => [
  ...document.querySelectorAll('img, script:not([src]), iframe, [onerror], [style], a[href^="javascript:" i], form[action^="javascript:" i]'),
].map((one) => one.outerHTML.slice(0, 200)))()`

describe.runIf(hasBrowser)('who attacks the console', () => {
  let filled: Filled
  let browser: Browser
  let visitor: Visitor
  let elsewhere: Server
  /** What the pages of the other site hold. */
  let page = ''

  beforeAll(async () => {
    filled = await startFilledHub((text) => `${text} ${HOSTILE}`)
    browser = await launch()
    visitor = await visitorOf(browser, filled.hub.url)
    await signIn(visitor, filled.hub.adminToken)
    await enter(visitor, filled.entrance)
    elsewhere = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(page))
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    elsewhere?.close()
    await filled?.hub.close()
  })

  /** Shows a page of another site, whose name is not the hub's, to somebody who is signed in at the hub. */
  async function visitElsewhere(body: string): Promise<Page> {
    page = body
    const tab = await visitor.page.context().newPage()
    await tab.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}`)
    return tab
  }

  it('by names, reasons, headers, bodies and URLs, plants nothing in any page', { timeout: 120_000 }, async () => {
    let shown = 0
    for (const path of Object.values(PAGES).flatMap((addresses) => addresses(filled))) {
      expect(await visitor.visit(path), path).toBe(200)
      expect(await visitor.page.evaluate(PLANTED), path).toEqual([])
      if ((await visitor.page.textContent('body'))?.includes('<script>pwned()')) shown++
    }
    // As the text that it is.
    expect(shown).toBeGreaterThan(30)
    // Nothing was tried that the policy had to stop.
    expect(visitor.complaints.splice(0)).toEqual([])
  })

  it('by a script, is stopped by the policy even where a page would hold one', async () => {
    await visitor.visit('/admin')
    await visitor.page.evaluate(`(() => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.isPwned = true'
      document.body.append(script)
      document.body.insertAdjacentHTML('beforeend', '<img src="http://localhost:1/x" onerror="globalThis.isPwned = true">')
    })()`)
    await expect.poll(() => visitor.complaints.length).toBeGreaterThan(1)
    expect(visitor.complaints.splice(0).join('\n')).toMatch(/Content Security Policy/)
    expect(await visitor.page.evaluate('globalThis.isPwned')).toBeUndefined()
  })

  it('by a frame around the console, sees nothing of it', async () => {
    const tab = await visitElsewhere(
      `<iframe src="${filled.hub.url}/admin" onload="document.title = 'loaded'"></iframe>`,
    )
    await tab.waitForFunction('document.title === "loaded"')
    const [, framed] = tab.frames()
    // The browser's own page, which says that it may not.
    expect(framed?.url()).toMatch(/^chrome-error:/)
    expect(await framed?.textContent('body')).not.toContain('Overview')
    await tab.close()
  })

  it.each(['same-origin', 'no-referrer', 'unsafe-url'])(
    'by a form of another site with the policy %s, changes nothing',
    async (policy) => {
      const action = `${filled.hub.url}/admin/platforms/${filled.platform}/suspend`
      const tab = await visitElsewhere(
        `<meta name="referrer" content="${policy}"><form method="post" action="${action}"><input name="reason" value="x"><button>Win</button></form>`,
      )
      const [answer] = await Promise.all([tab.waitForResponse(action), tab.getByRole('button').click()])
      // Who comes from elsewhere is not even seen as signed in, or is told that this came from elsewhere.
      expect([303, 403]).toContain(answer.status())
      expect(answer.headers()['location'] ?? '/admin/sign-in').toContain('/admin/sign-in')
      const { body } = await filled.hub.admin('GET', `/platforms/${filled.platform}`)
      expect(body.status).toBe('CONNECTED')
      await tab.close()
    },
  )

  it('by a link that signs in and leads elsewhere, gets nobody away from the hub', async () => {
    const other = `http://localhost:${(elsewhere.address() as AddressInfo).port}/`
    for (const next of [other, other.replace('http:', ''), `/\\${other.slice(7)}`, 'javascript:pwned()']) {
      const somebody = await visitorOf(browser, filled.hub.url)
      await somebody.visit(`/admin/sign-in?next=${encodeURIComponent(next)}`)
      await somebody.page.getByLabel('Administrator token or API key').fill(filled.hub.adminToken)
      await somebody.page.getByRole('button', { name: 'Sign in with it' }).click()
      await somebody.page.waitForURL(`${filled.hub.url}/admin`)
      expect(somebody.complaints).toEqual([])
      await somebody.close()
    }
  })
})
