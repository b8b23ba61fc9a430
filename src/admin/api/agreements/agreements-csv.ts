import { z } from '@hono/zod-openapi'
import type { Agreement } from '../../../hub/network/policy.ts'
import type { InputError } from '../../problem.ts'
import type { ImportPlan, LineFault } from '../../use-cases/plan-import.ts'
import { parseCsv, writeCsv } from '../csv.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { type ImportedSchema, NewAgreementSchema } from './agreement-view.ts'

const COLUMNS = [
  'id',
  'a_country_code',
  'a_party_id',
  'b_country_code',
  'b_party_id',
  'effect',
  'modules',
  'valid_from',
  'valid_until',
] as const

const REQUIRED = ['a_country_code', 'a_party_id', 'b_country_code', 'b_party_id', 'effect'] as const

/** A row of a file, with its line for messages. `id` is null when the file gives none. */
type CsvAgreement = {
  readonly line: number
  readonly id: string | null
  readonly input: z.infer<typeof NewAgreementSchema>
}

/** Rows that could be read, and what is wrong with the others; of a table without its columns there are no rows. */
type CsvRead = { readonly rows: readonly CsvAgreement[]; readonly faults: readonly LineFault[] }

/** Rules as a table; modules stand in one field with spaces between them. */
export function agreementsCsv(rules: readonly Agreement[]): string {
  const moment = (at: number | null) => (at === null ? '' : timestamp(at))
  return writeCsv([
    COLUMNS,
    ...rules.map(({ id, a, b, effect, modules, validFrom, validUntil }) => [
      id,
      a.countryCode,
      a.partyId,
      b.countryCode,
      b.partyId,
      effect,
      modules?.join(' ') ?? '',
      moment(validFrom),
      moment(validUntil),
    ]),
  ])
}

/** Reads such a table. Columns may stand in any order; `id`, `modules` and the moments may be missing or empty. */
export function readAgreementsCsv(text: string): CsvRead {
  const records = parseCsv(text)
  if (records === null) return faulty(1, 'Expected CSV, got a quote that nothing closes')
  const [header, ...rest] = records
  const names = header?.fields.map((name) => name.trim().toLowerCase()) ?? []
  const missing = REQUIRED.filter((name) => !names.includes(name))
  const unknown = names.filter((name) => !(COLUMNS as readonly string[]).includes(name))
  if (missing.length > 0) return faulty(1, `Expected the columns ${missing.join(', ')}`)
  if (unknown.length > 0 || new Set(names).size < names.length) {
    return faulty(1, `Expected each of the columns ${COLUMNS.join(', ')} at most once, got ${names.join(', ')}`)
  }
  const faults: LineFault[] = []
  const rows: CsvAgreement[] = []
  for (const { line, fields } of rest) {
    const value = (name: (typeof COLUMNS)[number]) => fields[names.indexOf(name)]?.trim() ?? ''
    const id = value('id') === '' ? null : value('id').toLowerCase()
    const input = NewAgreementSchema.safeParse({
      a: { country_code: value('a_country_code'), party_id: value('a_party_id') },
      b: { country_code: value('b_country_code'), party_id: value('b_party_id') },
      effect: value('effect').toLowerCase(),
      modules: value('modules') === '' ? null : value('modules').split(/[\s|]+/),
      valid_from: value('valid_from') || null,
      valid_until: value('valid_until') || null,
    })
    if (fields.length > names.length) faults.push(at(line, `Expected ${names.length} fields, got ${fields.length}`))
    else if (id !== null && !z.uuid().safeParse(id).success) faults.push(at(line, 'id: Expected a UUID or nothing'))
    else if (input.success) rows.push({ line, id, input: input.data })
    else faults.push(...input.error.issues.map((issue) => at(line, `${issue.path.join('_')}: ${issue.message}`)))
  }
  return { rows, faults }
}

function at(line: number, detail: string): LineFault {
  return { line, detail }
}

function faulty(line: number, detail: string): CsvRead {
  return { rows: [], faults: [at(line, detail)] }
}

export function showFault({ line, detail }: LineFault): InputError {
  return { pointer: `#/${line}`, detail: `Line ${line}: ${detail}` }
}

/** What the file would do, line by line; a line with several faults stands once. */
export function showPlan({ addedLines, knownLines, faults }: ImportPlan): z.infer<typeof ImportedSchema> {
  const refused = Map.groupBy(faults, ({ line }) => line)
  const lines = [
    ...addedLines.map((line) => ({ line, outcome: 'added' as const, detail: null })),
    ...knownLines.map((line) => ({ line, outcome: 'left-out' as const, detail: null })),
    ...Array.from(refused, ([line, its]) => ({
      line,
      outcome: 'refused' as const,
      detail: its.map(({ detail }) => detail).join('; '),
    })),
  ]
  lines.sort((x, y) => x.line - y.line)
  return { added: addedLines.length, left_out: knownLines.length, refused: refused.size, lines }
}
