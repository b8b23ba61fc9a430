import { type DescribedRule, describeRules } from '../../src/ocpi/convert/rule-tables.ts'
import { TABLES } from '../../src/ocpi/convert/tables.ts'

type Row = readonly [member: string, becomes: string, why: string, bySetting: string]

/** A row of so many kinds of objects is said once for all of them. */
const COMMON = 4

const HEAD = `# What conversion does

Written by \`npm run docs:conversions\` from the rules that the hub converts by. What it means, and for whom, is in
[For partners](partners.md#other-versions).

The hub carries an object between two neighbouring versions at a time: 2.1.1, 2.2.1, 2.3.0. From 2.1.1 to 2.3.0 both tables hold, one after the
other. **What has no row is carried as it is**, with the spelling of its numbers and its members in their order. Going to an older version,
members that it does not have are left out, a partner's own too; going to a newer one they are carried.

- **withheld**: to say it in the other version would say something else, so the receiver does not get the object, and whoever sent it to one party is told why. Where
  only a part is withheld, such as a connector or an element of a tariff, the rest goes without it.
- In an element of a tariff, in what restricts it and in its prices, a member that the older version does not have withholds the whole tariff: without it, another price would hold.
- **by setting**: what becomes of it instead where the administrator set it so, all settings are in [Between OCPI versions](administrators.md#between-ocpi-versions).
  \`time_zone\`, \`vat\`, \`command_timeout\` and, going up, \`reference_member\` are settings of the platform that sends, all others of the one that receives. \`extras: keep\`
  carries whatever has no row and is not of the version, too.
- \`#NA\` is OCPI's own word for what nobody can know.
`

/** The whole of `docs/conversions.md`. */
export function conversionsPage(): string {
  return [HEAD, ...TABLES.map(chapter)].join('\n')
}

function chapter({ from, to, shapes }: (typeof TABLES)[number]): string {
  const rules = describeRules().filter((rule) => rule.from === from && rule.to === to)
  const rows = rules.map((rule) => ({ object: rule.object, row: rowOf(rule) }))
  const timesOf = (row: Row) => rows.filter((other) => sameRow(other.row, row)).length
  const common = rows.map(({ row }) => row).filter((row) => timesOf(row) >= COMMON)
  const isCommon = (row: Row) => common.some((other) => sameRow(other, row))
  const sections = Object.entries(shapes).flatMap(([name, { checks = [], needsRest = [] }]) => {
    const own = rows.flatMap(({ object, row }) => (object === name && !isCommon(row) ? [row] : []))
    const checked = checks.map(({ members, isOfAbsent = false, reason, bySetting = [] }): Row => {
      if (members.length === 0) return ['all of it', 'not sent', reason, '']
      const becomes = isOfAbsent ? 'withheld where it is not there' : 'may be why it is withheld'
      return [codes(members), becomes, reason, otherwise(bySetting)]
    })
    return section(titleOf(name), [...own, ...checked], needsRest)
  })
  return [`## From ${from} to ${to}\n`, ...section('Several objects', common, []), ...sections].join('\n')
}

function section(title: string, rows: readonly Row[], needsRest: readonly string[]): string[] {
  const rest =
    needsRest.length === 0 ? '' : `\nA \`PATCH\` of ${codes(needsRest)} does not do: it needs the rest of the object.\n`
  if (rows.length === 0 && rest === '') return []
  const lines = merged(rows).map((row) => `| ${row.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |\n`)
  const table =
    rows.length === 0
      ? ''
      : `\n| member | what becomes of it | why | by setting |\n|---|---|---|---|\n${lines.join('')}`
  return [`### ${title}\n${table}${rest}`]
}

/** One row for members of which the same is to be said. */
function merged(rows: readonly Row[]): Row[] {
  const members = new Map<string, Set<string>>()
  for (const [member, ...said] of rows) {
    const key = JSON.stringify(said)
    members.set(key, (members.get(key) ?? new Set()).add(member))
  }
  return [...members].map(([key, named]) => {
    const [becomes, why, bySetting] = JSON.parse(key) as [string, string, string]
    return [[...named].join(', '), becomes, why, bySetting]
  })
}

function rowOf({ member, becomes, names, values, reason, bySetting }: DescribedRule): Row {
  const said = inWords(member, becomes, names)
  return [`\`${member}\``, values.length === 0 ? said : `${codes(values)}: ${said}`, reason, otherwise(bySetting)]
}

function otherwise(bySetting: DescribedRule['bySetting']): string {
  return bySetting.map(([setting, then]) => `\`${setting}\`: ${then}`).join('; ')
}

function inWords(member: string, becomes: DescribedRule['becomes'], names: readonly string[]): string {
  switch (becomes) {
    case 'renamed':
      return `called ${codes(names)}`
    case 'made into':
      return names.join() === member ? 'made anew' : `becomes ${codes(names)}`
    case 'lost':
      return 'left out'
    case 'invented':
      return 'added'
    case 'changed':
      return names.length === 0 ? 'written as the other version has it' : `becomes ${codes(names)}`
    case 'withheld':
      return 'withheld'
    case 'told':
      return 'carried as it is, and noted'
    case 'carried':
      return 'carried as it is'
    case 'absent':
      return 'not added'
  }
}

function titleOf(shape: string): string {
  return shape.replaceAll('-', ' ')
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}

function sameRow(one: Row, other: Row): boolean {
  return one.every((text, index) => text === other[index])
}
