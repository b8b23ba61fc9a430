/** `12,345` */
export function many(n: number): string {
  return n.toLocaleString('en-US')
}

/** `1 queue`, `2 queues` */
export function counted(n: number, one: string, several = `${one}s`): string {
  return `${many(n)} ${n === 1 ? one : several}`
}

/** `1.5k`, `2M`: for the scales of charts. */
export function brief(n: number): string {
  if (n >= 1e6) return `${tenth(n / 1e6)}M`
  return n >= 1000 ? `${tenth(n / 1000)}k` : String(tenth(n))
}

/** `0.9 ms`, `48 ms`, `1.2 s` */
export function took(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** `812 B`, `1.4 KB`, `3.2 MB` */
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`
  return n < 1_048_576 ? `${(n / 1024).toFixed(1)} KB` : `${(n / 1_048_576).toFixed(1)} MB`
}

/** `0.57` of 57 in 10,000; `0` of none. */
export function percent(part: number, whole: number): string {
  return part === 0 || whole === 0 ? '0' : ((part / whole) * 100).toFixed(part / whole < 0.1 ? 2 : 1)
}

/** Rounded to one decimal, as geometry needs it. */
export function tenth(n: number): number {
  return Math.round(n * 10) / 10
}
