/**
 * The index of the first of `length` items whose value is above `limit`, `length` when none is: of 1, 3, 3, 5 the first above 3
 * is at 3. Items stand in the order of their values.
 */
export function firstAbove(length: number, valueAt: (index: number) => number, limit: number): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (valueAt(middle) <= limit) low = middle + 1
    else high = middle
  }
  return low
}
