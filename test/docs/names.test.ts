import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Refusal, wireOf } from '../../src/hub/message/refusal.ts'
import { STATUS } from '../../src/ocpi/status.ts'
import { allPages, placeOf, readPage } from './pages.ts'

const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> }

/** A page without its blocks of commands, in which `#` begins no heading. */
function proseOf(page: string): string {
  return readPage(page).replace(/^```.*?^```$/gms, '')
}

/** What a heading is linked by, as GitHub makes it. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe.each(allPages())('%s', (page) => {
  test('names only files that exist', () => {
    const named = [...readPage(page).matchAll(/`((?:src|test|docs|migrations|\.ci)\/[\w./-]*)`/g)].map(
      ([, path = '']) => path,
    )
    expect(named.filter((path) => !existsSync(placeOf(path)))).toEqual([])
  })

  test('names only scripts that npm runs here', () => {
    const named = [...readPage(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })

  test('links only to pages and headings that exist', () => {
    const links = [...proseOf(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)]
    const broken = links.filter(([, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path)
      return !existsSync(placeOf(target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor))
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })
})

describe('docs/partners.md', () => {
  const section = /^## Answer codes\n(.*?)^## /ms.exec(readPage('docs/partners.md'))?.[1] ?? ''
  const rows = [...section.matchAll(/^\| (\S+) \| ([\d, ]+)/gm)].map(([, http, ocpi = '']) => ({
    http,
    ocpi: [...ocpi.matchAll(/\d{4}/g)].map(([code]) => code),
  }))

  /** One of each kind, so that a new kind fails to compile until it stands here. */
  const refusals: { readonly [K in Refusal['kind']]: readonly Extract<Refusal, { kind: K }>[] } = {
    unauthenticated: [{ kind: 'unauthenticated' }],
    'too-many-requests': [{ kind: 'too-many-requests', retryAfterSeconds: 1 }],
    'unknown-path': [{ kind: 'unknown-path', detail: '' }],
    'unsupported-version': [{ kind: 'unsupported-version', detail: '' }],
    'method-not-allowed': [{ kind: 'method-not-allowed', allow: 'GET' }],
    'not-json': [{ kind: 'not-json', detail: '' }],
    'too-slow': [{ kind: 'too-slow', detail: '' }],
    'too-large': [{ kind: 'too-large', limitBytes: 1 }],
    invalid: [{ kind: 'invalid', detail: '' }],
    'unknown-receiver': [{ kind: 'unknown-receiver', detail: '' }],
    withheld: ([200, 404] as const).map((status) => ({ kind: 'withheld', status, detail: '' })),
    timeout: [{ kind: 'timeout', detail: '' }],
    'not-connected': [{ kind: 'not-connected', detail: '' }],
    'hub-failure': [{ kind: 'hub-failure', detail: '' }],
    'receiver-said': ([404, 405, 413, 429] as const).map((status) => ({
      kind: 'receiver-said',
      status,
      said: '',
      headers: [],
    })),
  }

  test.each(
    Object.values(refusals)
      .flat()
      .map((refusal) => [refusal.kind, wireOf(refusal)] as const),
  )('says what to do about %s', (_, { status, code }) => {
    const fitting = rows.filter(({ http, ocpi }) => http === String(status) && ocpi.includes(String(code)))
    expect(fitting, `a row of HTTP ${status} with ${code}`).toHaveLength(1)
  })

  test.each(Object.entries(STATUS))('has a row of the status code %s, %i', (_, code) => {
    const known: readonly string[] = rows.flatMap(({ ocpi }) => ocpi)
    expect(known).toContain(String(code))
  })
})

describe('docs/rules.md', () => {
  const rules = [...readPage('docs/rules.md').matchAll(/^\| (?!rule |---)(.*) \| (.*) \|$/gm)].map(
    ([, rule = '', tests = '']) => [rule, tests] as const,
  )

  test.each(rules)('%s', (_, tests) => {
    const named = [...tests.matchAll(/`(test\/[\w./-]+\.test\.ts)`((?: *,? \*[^*]+\*)+)/g)]
    expect(named.length).toBeGreaterThan(0)
    expect(named, 'Expected each file with words of a name').toHaveLength(tests.split('`test/').length - 1)
    for (const [, file = '', names = ''] of named) {
      const source = readPage(file)
      for (const [, name] of names.matchAll(/\*([^*]+)\*/g)) expect(source).toContain(name)
    }
  })

  test('is read whole', () => expect(rules.length).toBeGreaterThan(80))
})
