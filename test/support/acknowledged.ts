/** A push of a test, with a number of its own that grows; answered when the hub said 1000 to it. */
export type Sent = {
  readonly object: string
  readonly serial: number
  readonly method: 'PUT' | 'PATCH'
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

/** Objects of which a partner got something older last than what the hub had answered for. */
export function leftBehind(sent: readonly Sent[], serials: readonly number[]): string[] {
  const objects = new Map(sent.map((each) => [each.serial, each.object]))
  const latest = new Map<string, number>()
  for (const { object, serial, isAnswered } of sent) if (isAnswered) latest.set(object, serial)
  const last = new Map(serials.map((serial) => [objects.get(serial) ?? '', serial]))
  // A life may be so short that nothing of an object was answered, nor reached anyone.
  return [...latest].filter(([object, serial]) => (last.get(object) ?? 0) < serial).map(([object]) => object)
}

/** Pushes that came after a later one of their object. */
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
