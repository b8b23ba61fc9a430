/** A record of a CSV file and the line it begins on, from 1. */
export type CsvRecord = { readonly line: number; readonly fields: readonly string[] }

/**
 * Reads CSV [RFC 4180], with commas or, where the first line has none, semicolons, as some spreadsheets write it. Lines end
 * in any way; empty ones are left out; a byte order mark is no part of it, nor is the apostrophe of a text that `writeCsv` defused. Null
 * when a quote is not closed.
 */
export function parseCsv(text: string): CsvRecord[] | null {
  const from = text.charCodeAt(0) === 0xfeff ? 1 : 0
  const firstLine = /^[^\r\n]*/.exec(text.slice(from, from + 10_000))?.[0] ?? ''
  const separator = !firstLine.includes(',') && firstLine.includes(';') ? ';' : ','
  const records: CsvRecord[] = []
  let fields: string[] = []
  let line = 1
  let begunAt = 1
  let at = from
  while (at < text.length) {
    const field = readField(text, at, separator)
    if (field === null) return null
    fields.push(asWritten(field.value))
    line += field.lines
    at = field.end
    if (text[at] === separator) {
      at++
      if (at < text.length) continue
      fields.push('')
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++
    if (at < text.length) at++
    if (fields.length > 1 || fields[0]?.trim() !== '') records.push({ line: begunAt, fields })
    fields = []
    begunAt = ++line
  }
  return records
}

/** Reads up to the separator or the end of the line. What stands behind a closing quote belongs to the field. */
function readField(
  text: string,
  from: number,
  separator: string,
): { value: string; end: number; lines: number } | null {
  let at = from
  let value = ''
  let lines = 0
  if (text[at] === '"') {
    for (;;) {
      const quote = text.indexOf('"', at + 1)
      if (quote === -1) return null
      value += text.slice(at + 1, quote)
      at = quote + 1
      if (text[at] !== '"') break
      value += '"'
    }
    lines = value.split('\n').length - 1
  }
  const start = at
  while (at < text.length && text[at] !== separator && text[at] !== '\r' && text[at] !== '\n') at++
  return { value: value + text.slice(start, at), end: at, lines }
}

/** Writes CSV with commas and CRLF [RFC 4180]. No field is a formula to a spreadsheet. */
export function writeCsv(records: readonly (readonly string[])[]): string {
  return records.map((fields) => `${fields.map((field) => quoted(defused(field))).join(',')}\r\n`).join('')
}

function quoted(field: string): string {
  return /[",\r\n;]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}

/**
 * Spreadsheets run what begins so, whoever wrote it: a partner's name may. An apostrophe before it makes it text, and so it does before
 * what has apostrophes there already, for the way back: `=1` is written `'=1`, and `'=1` is written `''=1`.
 */
const FORMULA = /^'*[=+\-@\t\r\n]/

function defused(field: string): string {
  return FORMULA.test(field) ? `'${field}` : field
}

function asWritten(field: string): string {
  return field.startsWith("'") && FORMULA.test(field) ? field.slice(1) : field
}
