import { type Html, html } from './html.ts'

/** Longest text that is laid out; of more the beginning is shown as it came. What the log keeps of a body is mostly less. */
const MOST_LAID_OUT = 32_768
const MOST_SHOWN = 65_536
/** Words and marks that are laid out: each is an element or a line of the page, and `[[[[…` has as many as characters. */
const MOST_TOKENS = 8_000
/** Nested deeper than this, nothing is indented further: spaces would outgrow the text. */
const DEEPEST_INDENT = 12

const TOKENS = /"(?:[^"\\]|\\.)*"|[^\s"[\]{},:]+|[[\]{},:]/g

/** A place in a JSON body that the hub wrote anew. */
export type Replaced = {
  /** A field of the outermost object. */
  readonly field: string
  /** What stands there on this side; undefined: what came. */
  readonly by?: string
}

/**
 * A body as text: JSON on lines of its own, coloured and otherwise as it came, numbers included; all else as it is.
 *
 * @param replaced is marked
 */
export function bodyText(text: string, isWhole: boolean, replaced: Replaced | null = null): Html {
  if (isWhole && text.length <= MOST_LAID_OUT && isJson(text)) {
    const tokens = text.match(TOKENS) ?? []
    if (tokens.length <= MOST_TOKENS) return html`${laidOut(tokens, replaced)}`
  }
  if (text.length <= MOST_SHOWN) return html`${text}`
  return html`${text.slice(0, MOST_SHOWN)}<span class="dim">… ${text.length - MOST_SHOWN} characters more</span>`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function laidOut(tokens: readonly string[], replaced: Replaced | null): Html[] {
  const shown: Html[] = []
  let depth = 0
  let isReplaced = false
  const line = () => html`${`\n${'  '.repeat(Math.min(depth, DEEPEST_INDENT))}`}`
  tokens.forEach((token, at) => {
    const next = tokens[at + 1] ?? ''
    if (token === '{' || token === '[') {
      shown.push(html`${token}`)
      depth++
      if (!closes(next)) shown.push(line())
    } else if (closes(token)) {
      depth--
      if (!opens(tokens[at - 1])) shown.push(line())
      shown.push(html`${token}`)
    } else if (token === ',') shown.push(html`,`, line())
    else if (token === ':') shown.push(html`: `)
    else if (next === ':') {
      isReplaced = replaced !== null && depth === 1 && token === `"${replaced.field}"`
      shown.push(html`<span class="j-k">${token}</span>`)
    } else if (isReplaced) {
      shown.push(html`<mark>${replaced?.by === undefined ? token : JSON.stringify(replaced.by)}</mark>`)
      isReplaced = false
    } else shown.push(html`<span class="${token.startsWith('"') ? 'j-s' : 'j-n'}">${token}</span>`)
  })
  return shown
}

function opens(token: string | undefined): boolean {
  return token === '{' || token === '['
}

function closes(token: string): boolean {
  return token === '}' || token === ']'
}
