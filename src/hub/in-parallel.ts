/**
 * Runs `work` for every item, at most `most` at once, and gives the results in the items' order. As soon as `isEnough` says
 * so of a result nothing more is begun or waited for; places of items without a result yet stay undefined.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
  isEnough: (result: R) => boolean = () => false,
): Promise<(R | undefined)[]> {
  const results: (R | undefined)[] = items.map(() => undefined)
  const { promise: enough, resolve: end } = Promise.withResolvers<void>()
  let next = 0
  let isOver = false
  const lane = async () => {
    while (!isOver && next < items.length) {
      const index = next++
      const result = await work(items[index] as T)
      if (isOver) return
      results[index] = result
      if (!isEnough(result)) continue
      isOver = true
      end()
    }
  }
  await Promise.race([Promise.all(Array.from({ length: Math.min(most, items.length) }, lane)), enough])
  return results
}

/**
 * As `inParallel`, with a number at once of each group of items: work that hangs in one group holds up no other.
 *
 * @param most groups at once, and items of each
 */
export async function inParallelByGroup<T, R>(
  items: readonly T[],
  groupOf: (item: T) => unknown,
  most: { readonly groups: number; readonly inEach: number },
  work: (item: T) => Promise<R>,
  isEnough: (result: R) => boolean,
): Promise<(R | undefined)[]> {
  const results: (R | undefined)[] = items.map(() => undefined)
  let isOver = false
  const workAt = async (index: number) => {
    const result = await work(items[index] as T)
    if (isOver) return
    results[index] = result
    isOver = isEnough(result)
  }
  const groups = [...Map.groupBy(items.keys(), (index) => groupOf(items[index] as T)).values()]
  const ofGroup = (group: readonly number[]) => inParallel(group, most.inEach, workAt, () => isOver)
  await inParallel(groups, most.groups, ofGroup, () => isOver)
  return results
}
