import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, launch, type Visitor, visitorOf } from './browser.ts'
import { type Filled, startFilledHub } from './filled-hub.ts'

const MOST_PRESSES = 80

/** What has the focus, by its name, and whether one sees that it has. */
const FOCUSED = `(() => {
  const at = document.activeElement
  if (at === null || at === document.body) return null
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at)
  const box = at.getBoundingClientRect()
  const label = at.labels?.[0]?.textContent ?? at.getAttribute('aria-label') ?? at.textContent
  return {
    name: label.trim().replaceAll(/\\s+/g, ' ').slice(0, 60),
    isSeen: (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none',
    isThere: box.width > 1 && box.height > 1,
  }
})()`

type Focused = { readonly name: string; readonly isSeen: boolean; readonly isThere: boolean }

describe.runIf(hasBrowser)('with a keyboard alone', () => {
  let filled: Filled
  let browser: Browser
  let visitor: Visitor

  beforeAll(async () => {
    filled = await startFilledHub()
    browser = await launch()
    visitor = await visitorOf(browser, filled.hub.url)
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await filled?.hub.close()
  })

  it('one signs in, finds a platform and suspends it, and always sees where one is', async () => {
    const { page, visit } = visitor
    await visit('/admin')
    await tabTo(page, /^Administrator token/)
    await page.keyboard.type(filled.hub.adminToken)
    await enter(page, '**/admin')
    await tabTo(page, /^Platforms/)
    await enter(page, '**/admin/platforms')
    await tabTo(page, /^Polder eMobility$/)
    await enter(page, /platforms\/[0-9a-f-]{36}$/)
    await tabTo(page, /^Suspend…$/)
    await enter(page, '**/suspend')
    await tabTo(page, /^Reason/)
    await page.keyboard.type('by keyboard')
    await tabTo(page, /^Suspend$/)
    await enter(page, /\?done=suspended$/)
    expect(await page.textContent('#flash')).toContain('Suspended')
    expect(await page.textContent('h1')).toContain('SUSPENDED')
    expect(visitor.complaints).toEqual([])
  })

  it('the first Tab offers to skip to the content, and the next one is in it', async () => {
    const { page, visit } = visitor
    await visit('/admin/platforms')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(FOCUSED)).toEqual({ name: 'Skip to content', isSeen: true, isThere: true })
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.closest("main") !== null')).toBe(true)
  })

  it('`/` goes to the search, but not where one is typing', async () => {
    const { page, visit } = visitor
    await visit('/admin/messages')
    await page.getByLabel('Object ID').focus()
    await page.keyboard.type('a/b')
    expect(await page.getByLabel('Object ID').inputValue()).toBe('a/b')
    await page.getByLabel('Object ID').blur()
    await page.keyboard.press('/')
    await page.keyboard.type('Polder')
    await page.keyboard.press('Enter')
    await page.waitForURL(/platforms\/[0-9a-f-]{36}$/)
  })

  it('all that one can do on the page of a platform is reached, and nothing holds the focus', async () => {
    const { page, visit } = visitor
    await visit(`/admin/platforms/${filled.platform}`)
    const reached = new Set<string>()
    for (let presses = 0; presses < MOST_PRESSES; presses++) {
      await page.keyboard.press('Tab')
      const focused = await focusedIn(page)
      if (focused === null) break
      reached.add(focused.name)
    }
    expect([...reached]).toEqual(
      expect.arrayContaining([
        'Run connection check',
        'Is it alive?',
        'Rotate tokens…',
        'Suspend…',
        'More',
        'Pause the queue',
        'Sign out',
      ]),
    )
    // Round once: after the last one the browser itself has the focus.
    expect(await page.evaluate(FOCUSED)).toBeNull()
  })

  it('`More` opens, and its entries are reached', async () => {
    const { page, visit } = visitor
    await visit(`/admin/platforms/${filled.platform}`)
    await tabTo(page, /^More$/)
    await page.keyboard.press('Enter')
    await tabTo(page, /^Remove…$/)
    await enter(page, '**/remove')
  })
})

/** Presses Tab until something has the focus; each thing on the way there shows that it has it. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = []
  for (let presses = 0; presses < MOST_PRESSES; presses++) {
    await page.keyboard.press('Tab')
    const focused = await focusedIn(page)
    if (focused !== null && name.test(focused.name)) return
    passed.push(focused?.name ?? '(nothing)')
  }
  throw new Error(`Expected Tab to lead to ${name}, got ${passed.join(', ')}`)
}

async function focusedIn(page: Page): Promise<Focused | null> {
  const focused = (await page.evaluate(FOCUSED)) as Focused | null
  if (focused !== null) expect(focused, 'what has the focus').toMatchObject({ isSeen: true, isThere: true })
  return focused
}

async function enter(page: Page, leadsTo: string | RegExp): Promise<void> {
  await page.keyboard.press('Enter')
  await page.waitForURL(leadsTo)
}
