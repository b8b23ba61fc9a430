/** A push of a test in which things break: its serial tells it from all others, and grows. */
export type Sent = {
  readonly object: string
  readonly serial: number
  readonly method: 'PUT' | 'PATCH'
  /** The hub answered that it is durable. */
  isAnswered: boolean
}

/** Answered pushes that a partner has neither got nor a later PUT of the same object. */
export function lost(sent: readonly Sent[], serials: readonly number[]): Sent[] {
  const got = new Set(serials)
  const lastPut = new Map<string, number>()
  for (const each of sent) if (each.method === 'PUT' && got.has(each.serial)) lastPut.set(each.object, each.serial)
  return sent.filter(
    ({ object, serial, isAnswered }) => isAnswered && !got.has(serial) && serial > (lastPut.get(object) ?? 0),
  )
}

/** Pushes of one process that came after a later one of their object. */
export function disorder(sent: readonly Sent[], serials: readonly number[]): number[] {
  const objects = new Map(sent.map((each) => [each.serial, each.object]))
  const highest = new Map<string, number>()
  return serials.filter((serial) => {
    const object = objects.get(serial) ?? ''
    const before = highest.get(object) ?? 0
    highest.set(object, Math.max(before, serial))
    return serial < before
  })
}
