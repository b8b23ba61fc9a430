import { expect } from 'vitest'

// A browser without scripts: it keeps cookies, follows no redirect by itself, and fills in the forms that a page has.

export type Page = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Where a redirect leads: path and query; empty where there is none. */
  readonly leadsTo: string
}

export type PlainBrowser = ReturnType<typeof createPlainBrowser>

export function createPlainBrowser(origin: string) {
  const cookies = new Map<string, string>()

  async function ask(path: string, init: RequestInit = {}): Promise<Page> {
    const Cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(cookies.size > 0 && { Cookie }), ...(init.headers as Record<string, string>) }
    const answer = await fetch(origin + path, { ...init, headers, redirect: 'manual' })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (/; Max-Age=0/.test(cookie)) cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = answer.headers.get('Location')
    const { pathname, search } = new URL(location ?? '/', origin)
    return {
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
      leadsTo: location === null ? '' : pathname + search,
    }
  }

  const get = (path: string, headers: Record<string, string> = {}) => ask(path, { headers })

  function post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Page> {
    const own = { 'Sec-Fetch-Site': 'same-origin', Origin: origin }
    return ask(path, { method: 'POST', body: new URLSearchParams(fields), headers: { ...own, ...headers } })
  }

  /** Posts a form of a page, with what the page filled in already; `action` tells which form. */
  function submit(page: Page, action: string, fields: Record<string, string> = {}): Promise<Page> {
    return post(action, { ...filledIn(page, action), ...fields })
  }

  return {
    ask,
    get,
    post,
    submit,
    cookies,
    /** Follows redirects of an answer to the page at their end. */
    async follow(answer: Page): Promise<Page> {
      let at = answer
      for (let step = 0; at.leadsTo !== '' && step < 5; step++) at = await get(at.leadsTo)
      return at
    },
    async signIn(token: string): Promise<void> {
      const answer = await post('/admin/sign-in', { token })
      expect(answer.status, answer.text).toBe(303)
    },
  }
}

/** What the inputs of a form hold when nobody has typed yet. */
function filledIn({ text }: Page, action: string): Record<string, string> {
  const forms = [...text.matchAll(/<form\b[^>]*>.*?<\/form>/gs)].map(([form]) => form)
  const form = forms.find((one) => /^<form\b[^>]*>/.exec(one)?.[0].includes(`action="${action}"`))
  expect(form, `a form with the action ${action}`).toBeDefined()
  const inputs = [...(form ?? '').matchAll(/<input\b[^>]*>/g)].map(([input]) => input)
  const entries = inputs
    .filter((input) => !/type="checkbox"/.test(input) || / checked/.test(input))
    .map((input) => [attribute(input, 'name'), attribute(input, 'value')])
  return Object.fromEntries(entries.filter(([name]) => name !== '')) as Record<string, string>
}

function attribute(tag: string, name: string): string {
  return unescaped(new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '')
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
