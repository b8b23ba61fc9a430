/** How long a streamed body may take. */
export type StreamLimits = {
  /** Between two chunks. */
  readonly idleMs: number
  /** From the first chunk beyond the buffer. */
  readonly totalMs: number
}
