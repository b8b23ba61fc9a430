/**
 * The wall clock as what is deleted for its age is judged by: the wall clock's time or that of the clock that ran on from it since the
 * process began, whichever is earlier. Put forward, as by a machine that finds out the date after its start, the wall clock makes
 * nothing older than it is; put back, it makes nothing of since then old at once.
 */
export function earlierNow(): number {
  return Math.min(Date.now(), performance.timeOrigin + performance.now())
}
