import type { Check, Rule, RuleTable, Shape, Values } from '../../src/ocpi/convert/rules.ts'

/** Lets a rule off: a platform whose `extras` are kept. */
const EXTRAS_MARK = ' [e]'

/** What is withheld as a whole; of anything else the object around it goes on without. */
const WHOLE = ['location', 'tariff', 'token', 'session', 'cdr']

/** A row of so many kinds of objects is said once for all of them. */
const COMMON = 4

type Row = readonly [member: string, becomes: string, why: string]

const HEAD = `# What conversion does

Written by \`npm run docs:conversions\` from the rules that the hub converts by. What it means, and for whom, is in
[For partners](partners.md#other-versions).

The hub carries an object between two neighbouring versions at a time: 2.1.1, 2.2.1, 2.3.0. From 2.1.1 to 2.3.0 both tables hold, one after the
other. **What has no row is carried as it is**, with the spelling of its numbers and its members in their order. Going to an older version,
members that it does not have are left out, a partner's own too [e]; going to a newer one they are carried.

- **withheld**: to say it in the other version would say something else, so the receiver does not get the object, and whoever sent it by hand is told why.
- **adapted**: written as the other version has it, left out, or what the last column says.
- [e]: carried all the same to a platform whose setting \`extras\` is \`keep\`. A tariff that would come to another sum is sent all the same, without what
  cannot be said, to one whose \`tariff_loss\` is \`send\`. These and others are [settings of the platform](administrators.md#between-ocpi-versions).
- \`#NA\` is OCPI's own word for what nobody can know.
`

/** The whole of `docs/conversions.md`. */
export function conversionsPage(tables: readonly RuleTable[]): string {
  return `${[HEAD, ...tables.map(chapter)].join('\n')}`
}

function chapter({ from, to, shapes }: RuleTable): string {
  const rows = Object.entries(shapes).flatMap(([name, shape]) => rowsOfShape(name, shape).map((row) => ({ name, row })))
  const timesOf = (row: Row) => rows.filter((other) => sameRow(other.row, row)).length
  const common = unique(rows.filter(({ row }) => timesOf(row) >= COMMON).map(({ row }) => row))
  const isOwn = (row: Row) => !common.some((other) => sameRow(other, row))
  const sections = Object.entries(shapes).flatMap(([name, { needsRest = [] }]) => {
    return section(
      titleOf(name),
      rows.filter((each) => each.name === name && isOwn(each.row)).map(({ row }) => row),
      needsRest,
    )
  })
  return [`## From ${from} to ${to}\n`, ...section('Several objects', common, []), ...sections].join('\n')
}

function section(title: string, rows: readonly Row[], needsRest: readonly string[]): string[] {
  const rest =
    needsRest.length === 0 ? '' : `\nA \`PATCH\` of ${codes(needsRest)} does not do: it needs the rest of the object.\n`
  if (rows.length === 0 && rest === '') return []
  const lines = merged(rows).map((row) => `| ${row.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |\n`)
  const table = rows.length === 0 ? '' : `\n| member | what becomes of it | why |\n|---|---|---|\n${lines.join('')}`
  return [`### ${title}\n${table}${rest}`]
}

/** One row for members of which the same is to be said. */
function merged(rows: readonly Row[]): Row[] {
  const kept: Row[] = []
  for (const [member, becomes, why] of rows) {
    const at = kept.findIndex((row) => row[1] === becomes && row[2] === why)
    const like = kept[at]
    if (like) kept[at] = [`${like[0]}, ${member}`, becomes, why]
    else kept.push([member, becomes, why])
  }
  return kept
}

function unique(rows: readonly Row[]): Row[] {
  return rows.filter((row, index) => rows.findIndex((other) => sameRow(other, row)) === index)
}

function sameRow(one: Row, other: Row): boolean {
  return one.every((text, index) => text === other[index])
}

function rowsOfShape(name: string, { members, invents = {}, checks = [] }: Shape): Row[] {
  return [
    ...Object.entries(members).flatMap(([member, rule]) => rowsOf(name, member, rule)),
    ...Object.entries(invents).map(([member, { reason }]): Row => [`\`${member}\``, 'added', reason]),
    ...checks.map((check) => checked(name, check)),
  ]
}

function rowsOf(shape: string, member: string, rule: Rule): Row[] {
  const name = `\`${member}\``
  switch (rule.is) {
    case 'drop':
      return [[name, `left out${markOf(rule.spares)}`, rule.reason]]
    case 'rename': {
      const more = rule.then === null ? [] : rowsOf(shape, member, rule.then)
      const [, becomes = '', why = ''] = more[0] ?? []
      return [[name, [`called \`${rule.to}\``, becomes].filter((part) => part !== '').join('; '), why]]
    }
    case 'values': {
      const becomes = valuesOf(shape, rule)
      return becomes === '' ? [] : [[name, becomes, rule.reason]]
    }
    case 'each':
    case 'one': {
      const why = rule.is === 'each' ? rule.orWithheld : null
      return why === null ? [] : [[name, `when it comes to none, ${gone(shape)}`, why]]
    }
    case 'withhold':
      return [[name, `with it ${gone(rule.what)}${markOf(rule.spares)}`, rule.reason]]
    case 'change':
      return [[name, 'adapted', rule.reason]]
    case 'make':
      return [[name, rule.gives.join() === member ? 'adapted' : `becomes ${codes(rule.gives)}`, rule.reason]]
  }
}

function valuesOf(shape: string, { map, dropped, silent, withheld, what, spares }: Values): string {
  const mapped = [...new Set(Object.values(map))].map((other) => {
    const named = Object.keys(map).filter((value) => map[value] === other)
    return `${codes(named)} ${named.length === 1 ? 'becomes' : 'become'} \`${other}\``
  })
  const parts = [
    ...mapped,
    ...(dropped.length > 0 ? [`${codes(dropped)} left out`] : []),
    ...(silent.length > 0 ? [`${codes(silent)} left out, which says the same`] : []),
    ...(withheld.length > 0 ? [`with ${codes(withheld)} ${gone(what ?? shape)}`] : []),
  ]
  return parts.length === 0 ? '' : `${parts.join('; ')}${markOf(spares)}`
}

function checked(shape: string, { members, reason }: Check): Row {
  return members.length === 0
    ? ['all of it', 'not sent', reason]
    : [codes(members), `may be why ${gone(shape)}`, reason]
}

function gone(shape: string): string {
  return `the ${titleOf(shape)} is ${WHOLE.includes(shape) ? 'withheld' : 'left out'}`
}

function markOf(spares: 'extras' | 'tariffLoss' | null): string {
  return spares === 'extras' ? EXTRAS_MARK : ''
}

function titleOf(shape: string): string {
  return shape.replaceAll('-', ' ')
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}
