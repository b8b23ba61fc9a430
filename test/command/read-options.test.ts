import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'

/** Every command of package.json that a person calls, with an option it knows. */
const COMMANDS = [
  ['src/runtime/node.ts', '--help'],
  ['src/runtime/migrate.ts', '--help'],
  ['src/runtime/rotate-key.ts', '--help'],
  ['src/runtime/admin-token.ts', '--help'],
  ['src/runtime/edge.ts', '--help'],
  ['src/demo/run.ts', '--once'],
  ['test/bench/run.ts', '--only'],
] as const

const root = new URL('../..', import.meta.url)

async function call(script: string, ...args: string[]) {
  const env = { PATH: process.env.PATH, DATA_DIR: '/proc/no-folder' }
  const child = spawn(process.execPath, [script, ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const code = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { out: await text(child.stdout), err: await text(child.stderr), code: await code }
}

it.each(COMMANDS)('%s refuses an option it does not know, on one line that names %s', async (script, known) => {
  const { out, err, code } = await call(script, '--nonsense')
  expect({ out, code }).toEqual({ out: '', code: 2 })
  expect(err).toMatch(/^Unknown option '--nonsense': expected --[^\n]+\n$/)
  expect(err).toContain(known)
})

it.each(COMMANDS)('%s refuses a word that is no option, and says how it is used when asked', async (script) => {
  const { err, code } = await call(script, 'edge')
  expect({ err, code }).toEqual({
    err: expect.stringMatching(/^Unexpected argument 'edge': expected [^\n]+\n$/),
    code: 2,
  })
  const help = await call(script, '--help')
  expect({ err: help.err, code: help.code }).toEqual({ err: '', code: 0 })
  expect(help.out).toMatch(/npm (run|start)/)
})

it('the bench names its parts when it is asked for one that it has not', async () => {
  const { err, code } = await call('test/bench/run.ts', '--only', 'everything')
  expect({ err, code }).toEqual({
    err: expect.stringMatching(/^--only everything: expected parts out of direct, [^\n]+\n$/),
    code: 2,
  })
})
