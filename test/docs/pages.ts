import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'vitest'

const root = new URL('../..', import.meta.url)

/** Where a path of the repository is on this machine. */
export function placeOf(path: string): string {
  return fileURLToPath(new URL(path, root))
}

export function readPage(path: string): string {
  return readFileSync(placeOf(path), 'utf8')
}

/** Every page for people: `README.md`, `CONTRIBUTING.md`, `docs/partners.md`. */
export function allPages(): string[] {
  const at = (folder: string) =>
    readdirSync(placeOf(folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => folder.replace(/^\.\//, '') + name)
  return [...at('./'), ...at('docs/')]
}

/** A command of a page, and the answer that stands below it; null where none does. */
export type Command = { readonly text: string; readonly answer: string | null }

/** What a reader types: the blocks marked `sh`, in order. Those marked `json` right below one are its answer. */
export function commandsOf(page: string): Command[] {
  const text = readPage(page)
  const blocks = text.matchAll(/^```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```\n)?/gms)
  const commands = [...blocks].map(([, typed = '', answer]) => ({ text: typed, answer: answer ?? null }))
  const answers = commands.filter(({ answer }) => answer !== null)
  if (answers.length !== text.split('```json').length - 1) {
    throw new Error(`Expected each json block of ${page} right below a sh block`)
  }
  return commands
}

/** Values of what the page leaves to its reader: `…token of the CPO…`, by the words between the dots. */
export type Blanks = Record<string, () => string | Promise<string>>

/** Types commands one after the other, as in one shell: variables stay. Fails on a blank that nobody fills. */
export function createTyping(folder: string, blanks: Blanks, replacements: Record<string, string> = {}) {
  async function filled(text: string): Promise<string> {
    let typed = Object.entries(replacements).reduce((all, [from, to]) => all.replaceAll(from, to), text)
    for (const [blank, words = ''] of text.matchAll(/…([^…\n]+)…/g)) {
      const value = blanks[words]
      if (!value) throw new Error(`Expected a value for ${blank}, got none; known: ${Object.keys(blanks).join(', ')}`)
      typed = typed.replace(blank, await value())
    }
    return typed
  }

  /** What the command prints. `curl` counts an HTTP status of 400 and more as a failure, and the first failure ends it. */
  return async function type(text: string): Promise<string> {
    const script = [
      'set -ea; [ -f .variables ] && . ./.variables',
      'curl() { command curl --fail-with-body "$@"; }',
      `ocpi-hub() { '${process.execPath}' '${placeOf('src/runtime/cli.ts')}' "$@"; }`,
      await filled(text),
      'export -p > .variables',
    ]
    const env = { PATH: process.env.PATH, HOME: folder }
    return (await promisify(execFile)('bash', ['-c', script.join('\n')], { cwd: folder, env })).stdout
  }
}

/** That a command said what the page says it says: the answer below it, else no refusal. */
export function expectAnswer({ text, answer }: Command, said: string): void {
  if (answer === null) expect(said, text).not.toMatch(/"status_code":(?!1000)/)
  else expect(JSON.parse(said), text).toMatchObject(patternOf(answer))
}

/** The answer as the page shows it, where `…` stands for any text. */
function patternOf(answer: string): object {
  return JSON.parse(answer, (_, value: unknown) => (value === '…' ? expect.any(String) : value)) as object
}
