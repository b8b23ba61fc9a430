/**
 * Text for a terminal: partners write names, paths and errors, and what a terminal would obey (escapes, and marks that turn
 * the direction of writing) is none of their business. Line breaks and tabs become spaces.
 */
export function clean(text: string): string {
  return text.replaceAll(/[\t\n\r]+/g, ' ').replaceAll(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '')
}

/** The same of a text of several lines, which stay lines. */
export function cleanLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => clean(line.replaceAll('\t', '  ')))
    .join('\n')
}
