/** Ends calls under way that nobody waits for any more. */
export type Cancel = {
  /** To be called when cancelled; at once when that is already so. */
  readonly onCancel: (abort: () => void) => void
  readonly cancel: () => void
  readonly isCancelled: () => boolean
}

export function createCancel(): Cancel {
  const aborts: (() => void)[] = []
  let isCancelled = false
  return {
    onCancel(abort) {
      if (isCancelled) abort()
      else aborts.push(abort)
    },
    cancel() {
      isCancelled = true
      for (const abort of aborts.splice(0)) abort()
    },
    isCancelled: () => isCancelled,
  }
}
