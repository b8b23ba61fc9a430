import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enter, hasBrowser, launch, signIn, type Visitor, visitorOf } from './browser.ts'
import { type Filled, startFilledHub } from './filled-hub.ts'
import { NO_PAGES, PAGES, routesOfPages } from './pages.ts'

/** How each page is seen, and what is looked for there: contrast differs by day and night, and with what fits. */
const LOOKS = [
  [360, 'light', 'all'],
  [360, 'dark', 'size'],
  [1280, 'light', 'size'],
  [1280, 'dark', 'all'],
  [1920, 'light', 'contrast'],
  [1920, 'dark', 'size'],
] as const

it('every address that is answered with a page is known here, so that no page is forgotten', () => {
  expect([...Object.keys(PAGES), ...NO_PAGES].sort()).toEqual(routesOfPages().sort())
})

describe.runIf(hasBrowser)('in a browser', () => {
  let filled: Filled
  let browser: Browser
  let visitor: Visitor

  beforeAll(async () => {
    filled = await startFilledHub()
    browser = await launch()
    visitor = await visitorOf(browser, filled.hub.url)
    await signIn(visitor, filled.hub.adminToken)
    await enter(visitor, filled.entrance)
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await filled?.hub.close()
  })

  it.each(Object.keys(PAGES))(
    '%s has no barrier, fits, and gives no cause to complain, in any size and by night',
    async (route) => {
      for (const path of PAGES[route]?.(filled) ?? []) {
        expect(await visitor.visit(path), path).toBe(200)
        for (const look of LOOKS) await see(path, ...look)
      }
      expect(visitor.complaints.splice(0)).toEqual([])
    },
    60_000,
  )

  async function see(path: string, ...[width, colorScheme, what]: (typeof LOOKS)[number]): Promise<void> {
    const { page } = visitor
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme })
    const seen = `${path} of ${width} pixels, ${colorScheme}`
    expect(await page.evaluate('document.documentElement.scrollWidth'), seen).toBeLessThanOrEqual(width)
    if (what !== 'size') expect(await visitor.barriers(what === 'all' ? null : ['color-contrast']), seen).toEqual([])
    // Only where somebody wants to look at them: they take longer than all the rest.
    if (process.env['PICTURES']) await visitor.picture(`${width}-${colorScheme}${path.replaceAll(/[^\w-]+/g, '_')}`)
  }
})
