#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { createIo } from '../cli/io.ts'
import { createProgram, runProgram } from '../cli/program.ts'

// The one program of the package: what administers a hub over its API, and what runs on the hub's own machine.

/** Programs that read their own options, by what follows `ocpi-hub`. */
const HERE = {
  start: { says: 'run the hub until SIGTERM or Ctrl-C; its settings are environment variables', path: './node.ts' },
  demo: { says: 'a hub with three CPOs and two eMSPs on this machine, in data/', path: '../demo/run.ts' },
  migrate: { says: 'bring the database of DATABASE_URL to the schema of this hub', path: './migrate.ts' },
} as const

/** Those that need the hub's database, for whoever is locked out. */
const LOCAL = {
  'admin-token': { says: 'make a new token for administrators', path: './admin-token.ts' },
  admins: { says: 'look after the people who administer the hub', path: './admins.ts' },
  'api-keys': { says: 'look after the keys of programs', path: './api-keys.ts' },
  'rotate-key': { says: 'seal every stored token anew under a new secret key', path: './rotate-key.ts' },
} as const

/** What `npm start` gives to Node and to the memory of its process, which have to be there before a process begins. */
const START = { options: ['--max-semi-space-size=16'], environment: { MALLOC_ARENA_MAX: '2' } } as const

type Here = { readonly says: string; readonly path: string }

/** Adds a program of its own: what stands behind its name is for it to read. */
function addHere(parent: Command, name: string, { says, path }: Here): void {
  parent
    .command(name)
    .description(`${says} (${name} --help)`)
    .argument('[words...]')
    .helpOption(false)
    .allowUnknownOption()
    .action(async () => {
      const words = process.argv.slice(process.argv.indexOf(name, 2) + 1)
      if (name === 'start' && process.execve) become(path, words)
      process.argv.splice(1, process.argv.length, pathOf(path), ...words)
      await import(new URL(path, import.meta.url).href)
    })
}

/** Makes this process the program: the hub gets the signals, and no other process stands beside it. */
function become(path: string, words: readonly string[]): void {
  const args = [process.execPath, ...START.options, pathOf(path), ...words]
  const environment = Object.entries({ ...START.environment, ...process.env }).filter(
    ([, value]) => value !== undefined,
  )
  process.execve?.(process.execPath, args, Object.fromEntries(environment) as Record<string, string>)
}

function pathOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

function addOthers(program: Command): void {
  for (const [name, here] of Object.entries(HERE)) addHere(program, name, here)
  const local = program
    .command('local')
    .description("on the hub's own machine, by its database, for whoever is locked out")
  for (const [name, here] of Object.entries(LOCAL)) addHere(local, name, here)
}

const io = createIo()
const code = await runProgram(createProgram(io, addOthers), process.argv.slice(2), io)
// A program that was begun here says by itself how it ends.
if (code !== 0) process.exitCode = code
