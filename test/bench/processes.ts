import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { cpus } from 'node:os'
import type { LoadResult } from './load.ts'
import type { Answer } from './questions.ts'

/** Whether processes can be pinned to processors here, and which: the measured one alone, everything else beside it. */
export const PINS = canPin() ? { measured: '0', others: cpus().length > 2 ? `1-${cpus().length - 1}` : '1' } : null

function canPin(): boolean {
  try {
    execFileSync('taskset', ['-c', '0', 'true'])
    return cpus().length > 1
  } catch {
    return false
  }
}

/** Moves this process, and what it starts without a pin of its own, beside the measured one. */
export function pinSelf(): void {
  if (PINS) execFileSync('taskset', ['-cp', PINS.others, String(process.pid)], { stdio: 'ignore' })
}

/** Every processor, for what is measured in several processes. */
export const ALL_PROCESSORS = PINS ? `0-${cpus().length - 1}` : undefined

export type Started = { readonly pid: number; readonly stop: () => Promise<void> }

/** A process that answers questions (`questions.ts`). */
export type Asked<Q, A> = Started & { readonly ask: (question: Q) => Promise<A> }

const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** What a bench that fails leaves running would disturb the next. */
function endWithThis(child: ChildProcess): void {
  running.add(child)
  child.once('exit', () => running.delete(child))
}

function pinned(command: string, args: readonly string[], pin: string | undefined): [string, string[]] {
  return pin === undefined ? [command, [...args]] : ['taskset', ['-c', pin, command, ...args]]
}

/** Starts a process and waits for the line that says it is ready. */
export async function start(
  what: string,
  args: readonly string[],
  pin: string | undefined,
  options: { readonly env?: Record<string, string>; readonly readyLine?: RegExp; readonly command?: string } = {},
): Promise<Started> {
  const { env = {}, readyLine = /ready/, command = process.execPath } = options
  const [file, argv] = pinned(command, args, pin)
  const child = spawn(file, argv, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  endWithThis(child)
  await ready(what, child, readyLine)
  return {
    pid: child.pid ?? 0,
    stop: () => stop(child),
  }
}

/** Starts a script of the bench that is told what to do as it goes. */
export async function startAsked<Q, A>(script: string, args: readonly string[], pin?: string): Promise<Asked<Q, A>> {
  const path = new URL(script, import.meta.url).pathname
  const [file, argv] = pinned(process.execPath, [path, ...args], pin)
  const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], serialization: 'advanced' })
  endWithThis(child)
  await ready(script, child, /ready/)
  const waiting = new Map<number, PromiseWithResolvers<A>>()
  let asked = 0
  child.on('message', ({ id, answer }: Answer) => {
    waiting.get(id)?.resolve(answer as A)
    waiting.delete(id)
  })
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${script} ended with ${code}`))
  })
  return {
    pid: child.pid ?? 0,
    ask(question) {
      const answer = Promise.withResolvers<A>()
      waiting.set(asked, answer)
      child.send({ id: asked++, question })
      return answer.promise
    },
    stop: () => stop(child),
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

function ready(what: string, child: ChildProcess, line: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const onData = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000)
      if (line.test(said)) resolve()
    }
    child.stdout?.on('data', onData)
    child.stderr?.on('data', onData)
    child.once('exit', (code) => reject(new Error(`${what} ended with ${code}:\n${said}`)))
  })
}

/** One run of the load generator, in a process of its own. */
export async function load(job: {
  readonly port: number
  readonly request: string
  readonly body: string
  readonly connections: number
  readonly seconds: number
}): Promise<LoadResult> {
  const script = new URL('load.ts', import.meta.url).pathname
  const [file, argv] = pinned(process.execPath, [script, JSON.stringify({ warmupSeconds: 0.5, ...job })], PINS?.others)
  const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`the load generator ended with ${code}`)
  return JSON.parse(output) as LoadResult
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

/** Processor time a process has used so far, in microseconds, from /proc; 0 where that is not there. */
export function cpuMicroseconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    // utime and stime, in clock ticks of 10 ms.
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  } catch {
    return 0
  }
}
