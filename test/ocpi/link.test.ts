import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findLink } from '../../src/ocpi/link.ts'

const NEXT = 'https://cpo.example/ocpi/2.2.1/cdrs/?offset=150&limit=50'
type Link = { target: string; rels: string[]; before: string; after: string }

const space = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 2 })
const target = fc.string({
  unit: fc.constantFrom('h', ':', '/', '?', ',', ';', '=', '"', '\\', '<', '&', 'é', '%20'),
  maxLength: 12,
})
const relation = fc.constantFrom('next', 'prev', 'last', 'https://example.com/a;b,c', 'x-y')
const quoted = fc
  .string({ unit: fc.constantFrom('a', ',', ';', '<', '>', '\\"', '\\\\', ' ', '=', 'rel=next'), maxLength: 6 })
  .map((text) => `"${text}"`)
const otherParameter = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('title', 'anchor', 'TYPE', 'x', 'title*'),
      space,
      space,
      fc.oneof(quoted, fc.constantFrom('a', "UTF-8''%e2", '')),
    )
    .map(([name, a, b, value]) => `${name}${a}=${b}${value}`),
  fc.constantFrom('flag', '', 'rel*=next', 'rev="next"', 'xrel=next'),
)
const casing = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 })
const randomCase = (text: string, upper: boolean[]) =>
  [...text].map((c, i) => (upper[i % upper.length] ? c.toUpperCase() : c)).join('')

const relParameter = fc
  .tuple(
    fc.array(relation, { minLength: 1, maxLength: 3 }),
    fc.boolean(),
    casing,
    space,
    space,
    fc.constantFrom(' ', '\t', '  '),
  )
  .map(([rels, isQuoted, upper, a, b, between]) => {
    const plain = rels.length === 1 && !/[;,]/.test(rels[0] as string) && !isQuoted
    const text = randomCase(rels.join(between), upper)
    return { rels, text: `${randomCase('rel', upper)}${a}=${b}${plain ? text : `"${text}"`}` }
  })

const link: fc.Arbitrary<Link> = fc
  .tuple(
    space,
    target,
    space,
    fc.array(fc.tuple(space, space, otherParameter), { maxLength: 3 }),
    fc.option(relParameter),
    fc.nat(3),
    relParameter,
  )
  .map(([a, uri, b, others, rel, position, second]) => {
    const parameters = others.map(([before, after, text]) => `${before};${after}${text}`)
    if (rel) parameters.splice(position, 0, `${a};${b}${rel.text}`)
    // A second rel counts for nothing.
    if (rel && position % 2 === 1) parameters.push(`; ${second.text}`)
    return {
      target: uri.trim(),
      rels: rel ? rel.rels : [],
      before: `<${a}${uri}${b}`,
      after: `>${parameters.join('')}`,
    }
  })
const bytes = (of: Link) => of.before + of.after
const separator = fc.constantFrom(',', ', ', ' ,\t', ',,', ' , , ')

describe('transport_and_format: Pagination, Link header', () => {
  test.each([
    `<${NEXT}>; rel="next"`,
    `<${NEXT}>; rel=next`,
    `<${NEXT}>;rel=NEXT`,
    `  < ${NEXT} >  ;  REL  =  "prev  Next"`,
    `<${NEXT}>; title="a, <b>; rel=\\"x\\""; rel="next"; x`,
    `<https://a/,;>; rel=prev, <${NEXT}>; rel=next`,
    `<${NEXT}>; rel="ne\\xt"`,
    `,, <a>;;  , <${NEXT}>;; rel=next`,
  ])('understands %s', (value) => {
    expect(findLink([value], 'next')).toBe(NEXT)
  })

  test('finds the target of a relation among several headers, the first of several', () => {
    expect(findLink(['<a>; rel=prev', `<b>, < ${NEXT} >; rel="x next"`, '<c>; rel=next'], 'next')).toBe(NEXT)
    expect(findLink(['<>; rel="next"'], 'next')).toBe('')
  })

  test.each([
    `<${NEXT}>; rel='next'`,
    `<${NEXT}>; rel='prev next'`,
    `<${NEXT}>; rel=\u201cnext\u201d`,
    `<${NEXT}>; rel=\u00e2\u0080\u009cnext\u00e2\u0080\u009d`,
    `<${NEXT}>; rel=&quot;next&quot;`,
    `<${NEXT}>; rel=\\"next\\"`,
    `<${NEXT}>; rel=next page`,
    `<${NEXT}>; next`,
    `${NEXT}; rel=next`,
    `"${NEXT}"; rel=next`,
    `<${NEXT}; rel=next`,
    `<${NEXT}> rel=next`,
    `<${NEXT}>; rel:next`,
    `<${NEXT}>; rel="next`,
    `<${NEXT}>; rel="next\\"`,
    `<${NEXT}>; rel="next"x`,
    `<a>; rel="prev", <${NEXT}>; rel="next`,
    `<a>; rel="prev, <${NEXT}>; rel="next"`,
    `bad; x="a,b", <${NEXT}>; rel=next, <b> bad <c,d>, <e>`,
  ])('reads what is no legal link as lenient readers do: %s', (value) => {
    expect(findLink([value], 'next')).toBe(NEXT)
  })

  test('a legal link counts before one that is not', () => {
    expect(findLink([`<a> rel=next, <${NEXT}>; rel=next`], 'next')).toBe(NEXT)
    expect(findLink(['b; rel=next', `<${NEXT}>; rel=next`], 'next')).toBe(NEXT)
  })

  test.each([
    `<${NEXT}>; rel=prev; rel=next`,
    `<${NEXT}>; rel="nextish"`,
    `<${NEXT}>; rel*=next`,
    `<${NEXT}>; title="rel=next"`,
    `<${NEXT}>; rel=help; next`,
    `<${NEXT}>; rel="https://cpo.example/next"`,
    `<${NEXT}>; title="next" rel=help`,
    `<${NEXT}>`,
    `,, <${NEXT}>;;  ,`,
    'garbage "with, comma"',
    '',
  ])('has no next page: %s', (value) => {
    expect(findLink([value], 'next')).toBe(undefined)
  })

  test('finds the first link of every relation, in any legal spelling', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(link, { minLength: 1, maxLength: 3 }), separator)),
        relation,
        (headers, rel) => {
          const values = headers.map(([links, comma]) => links.map(bytes).join(comma))
          const first = headers.flatMap(([links]) => links).find(({ rels }) => rels.includes(rel))
          expect(findLink(values, rel)).toBe(first?.target)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test.each([
    '<',
    '"',
    '<a',
    ',<',
    ';"',
    '<>;',
    '<>,',
    '<>;"',
    '\\',
    '<>;a="',
    '<>;a="b";',
    'a<',
    ' ',
    '<a>; ',
    'rel;',
    "'",
  ])('a long header of %j costs little', (text) => {
    const value = text.repeat(200_000 / text.length)
    for (const start of ['', '<a>; rel=', 'a; rel', '"']) findLink([start + value], 'next')
  })
})
