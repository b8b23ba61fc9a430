/** How long a streamed body may take. */
export type StreamLimits = {
  /** Between two chunks. */
  readonly idleMs: number
  /** From the first chunk beyond the buffer. */
  readonly totalMs: number
  /** An answer that is there whole is taken at this speed at least, once the network holds no more of it; 0 lets it take its time. */
  readonly leastBytesPerSecond: number
}
