/** What the exit code of a command says, so that a script can tell what to do next. */
export const EXIT = {
  done: 0,
  unexpected: 1,
  usage: 2,
  notFound: 3,
  /** The partner refused, failed, or does not answer. */
  partner: 4,
  /** The key is none, or its role may not do this. */
  notAllowed: 5,
  unreachable: 6,
  /** Something is there already, or the status does not allow it. */
  conflict: 7,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Why a command ends without what was asked for. */
export class Failure extends Error {
  readonly code: ExitCode
  /** Lines below the message: each field that is wrong. */
  readonly more: readonly string[]
  /** The hub's problem as it came [RFC 9457]; null: it is the command line's own. */
  readonly problem: string | null

  constructor(code: ExitCode, message: string, more: readonly string[] = [], problem: string | null = null) {
    super(message)
    this.code = code
    this.more = more
    this.problem = problem
  }
}

/** What was typed is wrong, or too little. */
export function usage(message: string): Failure {
  return new Failure(EXIT.usage, message)
}
