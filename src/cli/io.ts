import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** All that a command has to do with beside the hub: what it prints to, what it reads from, who can be asked. */
export type Io = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Columns of the terminal that stdout is; null where it is none. */
  readonly columns: number | null
  /** Whether somebody sits at stdin. */
  readonly canAsk: boolean
  readonly ask: (question: string) => Promise<string>
  /** The same without showing what is typed. */
  readonly askSecretly: (question: string) => Promise<string>
  /** All of stdin, as it is. */
  readonly readStdin: () => Promise<string>
  readonly now: () => number
  /** Ends what goes on by itself, such as `tail`. */
  readonly signal: AbortSignal
}

const MOST_STDIN_BYTES = 16 * 1024 * 1024
const COLUMNS_OF_NONE = 80

/** The process's own. A reader that went away (`| head`) ends the process in order. */
export function createIo(): Io {
  const { stdin, stdout, stderr, env } = process
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  return {
    env,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    columns: stdout.isTTY ? stdout.columns || COLUMNS_OF_NONE : null,
    canAsk: stdin.isTTY === true,
    ask: (question) => askOn(stderr, question),
    askSecretly: async (question) => {
      stderr.write(question)
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
      const answer = await askOn(nowhere, '')
      stderr.write('\n')
      return answer
    },
    readStdin,
    now: Date.now,
    signal: new AbortController().signal,
  }
}

/** Questions go to stderr: what a command prints may be on its way into a file. */
async function askOn(output: NodeJS.WritableStream, question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output, terminal: true })
  reader.on('SIGINT', () => {
    reader.close()
    process.exit(130)
  })
  try {
    return await reader.question(question)
  } finally {
    reader.close()
  }
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer)
    bytes += (chunk as Buffer).byteLength
    if (bytes > MOST_STDIN_BYTES) throw new Error(`Expected at most ${MOST_STDIN_BYTES} bytes on stdin`)
  }
  return Buffer.concat(chunks).toString('utf8')
}
