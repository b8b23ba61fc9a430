import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findLink, rewriteLinks } from '../../src/ocpi/link.ts'

const NEXT = 'https://cpo.example/ocpi/2.2.1/cdrs/?offset=150&limit=50'
const HUB = 'https://hub.example/ocpi/next/abc?offset=150&limit=50'

/** What the hub does with pages: `next` goes to the hub, the rest stays. */
const nextToHub = (target: string, rels: readonly string[]) => (rels.includes('next') ? HUB : target)
const identity = (target: string) => target

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
    [`<${NEXT}>; rel="next"`, `<${HUB}>; rel="next"`],
    [`<${NEXT}>; rel=next`, `<${HUB}>; rel=next`],
    [`<${NEXT}>;rel=NEXT`, `<${HUB}>;rel=NEXT`],
    [`  < ${NEXT} >  ;  REL  =  "prev  Next"`, `<${HUB}>  ;  REL  =  "prev  Next"`],
    [`<${NEXT}>; title="a, <b>; rel=\\"x\\""; rel="next"; x`, `<${HUB}>; title="a, <b>; rel=\\"x\\""; rel="next"; x`],
    [`<https://a/,;>; rel=prev, <${NEXT}>; rel=next`, `<https://a/,;>; rel=prev, <${HUB}>; rel=next`],
    [`<>; rel="next"`, `<${HUB}>; rel="next"`],
    [`<${NEXT}>; rel="ne\\xt"`, `<${HUB}>; rel="ne\\xt"`],
    [`<${NEXT}>; rel='next'`, `<${HUB}>; rel='next'`],
    [`<${NEXT}>; rel='prev next'`, `<${HUB}>; rel='prev next'`],
  ])('understands %s', (value, expected) => {
    expect(rewriteLinks([value], nextToHub)).toEqual([expected])
  })

  test.each([
    `<${NEXT}>; rel=prev; rel=next`,
    `<${NEXT}>; rel="nextish"`,
    `<${NEXT}>; rel*=next`,
    `<${NEXT}>; title="rel=next"`,
    `<${NEXT}>`,
    `,, <${NEXT}>;;  ,`,
  ])('has no next page and stays as it is: %s', (value) => {
    expect(rewriteLinks([value], nextToHub)).toEqual([value])
    expect(findLink([value], 'next')).toBe(undefined)
  })

  test.each([
    `${NEXT}; rel=next`,
    `<${NEXT}; rel=next`,
    `<${NEXT}> rel=next`,
    `<${NEXT}>; rel="next`,
    `<${NEXT}>; rel="next\\"`,
    `<${NEXT}>; rel="next"x`,
    'garbage "with, comma"',
  ])('leaves out what is no link, so that nobody follows it past the hub: %s', (value) => {
    expect(rewriteLinks([value], identity)).toEqual([])
    expect(rewriteLinks([`${'<a>; rel=x'}, ${value}`], identity)).toEqual(['<a>; rel=x'])
  })

  test('goes on behind what is no link', () => {
    expect(rewriteLinks(['bad; x="a,b", <a>; rel=next, <b> bad <c,d>, <e>'], nextToHub)).toEqual([
      `<${HUB}>; rel=next, <e>`,
    ])
  })

  test('drops a link that may not be followed and keeps the others', () => {
    expect(
      rewriteLinks(['<a>; rel=first ,<b>; rel=next , <c>; rel=last', '<d>; rel=next'], (uri, rels) =>
        rels.includes('next') ? null : uri,
      ),
    ).toEqual(['<a>; rel=first, <c>; rel=last'])
  })

  test('finds the target of a relation among several headers', () => {
    expect(findLink(['<a>; rel=prev', `<b>, < ${NEXT} >; rel="x next"`], 'next')).toBe(NEXT)
  })

  test('offers every link of every header with its relations, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(link, { minLength: 1, maxLength: 3 }), separator)), (headers) => {
        const seen: unknown[] = []
        rewriteLinks(
          headers.map(([links, comma]) => links.map(bytes).join(comma)),
          (uri, rels) => {
            seen.push({ target: uri, rels })
            return uri
          },
        )
        expect(seen).toEqual(headers.flatMap(([links]) => links.map((one) => ({ target: one.target, rels: one.rels }))))
      }),
      { numRuns: 1000 },
    )
  })

  test('changes the targets and no other byte of a link', () => {
    fc.assert(
      fc.property(fc.array(link, { minLength: 1, maxLength: 4 }), separator, (links, comma) => {
        const value = links.map(bytes).join(comma)
        expect(rewriteLinks([value], identity)).toEqual([value])
        const trimmedEnd = (text: string) => text.replace(/[ \t]+$/, '')
        expect(rewriteLinks([value], () => HUB)).toEqual([
          links.map((one) => `<${HUB}${trimmedEnd(one.after)}`).join(', '),
        ])
        expect(rewriteLinks([value], () => null)).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  test('any text is read, and what is written reads the same again', () => {
    const ugly = fc.string({
      unit: fc.constantFrom('<', '>', '"', '\\', ',', ';', '=', ' ', 'rel', 'next', 'a', 'é'),
      maxLength: 25,
    })
    fc.assert(
      fc.property(fc.array(ugly, { maxLength: 3 }), (values) => {
        const once = rewriteLinks(values, nextToHub)
        expect(rewriteLinks(once, nextToHub)).toEqual(once)
        for (const value of rewriteLinks(values, () => 'T')) expect(value).toMatch(/^(?:<T>|[ ,]*$)/)
      }),
      { numRuns: 3000 },
    )
  })

  test.each(['<', '"', '<a', ',<', ';"', '<>;', '<>,', '<>;"', '\\', '<>;a="', '<>;a="b";', 'a<', ' ', '<a>; '])(
    'a long header of %j costs little',
    (text) => {
      const value = text.repeat(200_000 / text.length)
      rewriteLinks([value], nextToHub)
      rewriteLinks([`<a>; rel=${value}`], nextToHub)
    },
  )
})
