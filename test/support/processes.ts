import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { START_ENVIRONMENT, START_OPTIONS } from './start-script.ts'
import { until } from './until.ts'

const root = new URL('../..', import.meta.url)

export type Started = {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  /** The exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
}

/** Starts one of the project's commands, with these settings alone. */
export function startCommand(script: string, settings: Record<string, string>, words: readonly string[] = []): Started {
  const env = { PATH: process.env.PATH, PROCESSES: '1', ...settings }
  const child = spawn(process.execPath, [script, ...words], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, out: () => out, err: () => err, ended }
}

/** Runs a command to its end. */
export async function runCommand(script: string, settings: Record<string, string>, words: readonly string[] = []) {
  const { ended, out, err } = startCommand(script, settings, words)
  return { code: await ended, out: out(), err: err() }
}

/** Starts a hub as a process of its own, as `npm start` does, and waits until it is ready. */
export async function startHubProcess(settings: Record<string, string>): Promise<Started> {
  const asStarted = { ...START_ENVIRONMENT, NODE_OPTIONS: START_OPTIONS.join(' ') }
  const hub = startCommand('src/runtime/node.ts', { ...asStarted, MESSAGE_LOG_THREAD: 'off', ...settings })
  await until(() => hub.out().includes(' is ready at ') || hub.child.exitCode !== null, 'Expected the hub', 60_000)
  if (hub.child.exitCode !== null) throw new Error(hub.err())
  return hub
}
