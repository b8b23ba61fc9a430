import type { After, Now, Random } from '../ports.ts'
import type { CommandResults } from './ports.ts'

/** Where commands of checks stand, for all processes of the hub. */
export type CheckCommands = {
  /** Keeps a command of a platform. */
  readonly open: (id: string, platformId: string, expiresAt: number) => Promise<void>
  /** The result that came first, `ACCEPTED`; null while there is none. */
  readonly result: (id: string) => Promise<string | null>
  /** Keeps the result of a platform's command, unless it has one. False when the platform has no such command, or none any more. */
  readonly take: (id: string, platformId: string, result: string) => Promise<boolean>
}

/** URLs to which partners post results of a check's commands: `{publicUrl}/ocpi/check/{id}`. The id is a 128-bit secret. */
export const CHECK_RESULT = '/ocpi/check/'

/** Twice as long as a check takes: what comes late is taken too, and does nothing. */
const LIFETIME_MS = 10 * 60_000

/** The result may come to another process, so it is looked for. */
const LOOKS_EVERY_MS = 500

/** Takes the results of the commands of one check. */
export function createCommandResults(
  ports: {
    readonly commands: CheckCommands
    readonly publicUrl: string
    readonly random: Pick<Random, 'token'>
    readonly now: Now
    readonly after: After
  },
  { platformId, signal }: { readonly platformId: string; readonly signal: AbortSignal },
): CommandResults {
  const { commands, publicUrl, random, now, after } = ports

  async function resultWithin(id: string, ms: number): Promise<string | null> {
    const endsAt = now() + ms
    for (;;) {
      const left = endsAt - now()
      // A database that is away for a moment says nothing about the partner.
      const result = await commands.result(id).catch(() => null)
      if (result !== null || left <= 0 || signal.aborted) return result
      await new Promise<void>((resolve) => void after(Math.min(left, LOOKS_EVERY_MS), resolve))
    }
  }

  return {
    async open() {
      const id = random.token().slice(0, 22)
      await commands.open(id, platformId, now() + LIFETIME_MS)
      return { url: publicUrl + CHECK_RESULT + id, within: (ms) => resultWithin(id, ms) }
    },
  }
}
