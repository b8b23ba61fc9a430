/**
 * The store cannot be asked now: it is stopped, out of reach, overloaded or silent. What was asked may have happened or not.
 * Rejections of the store's ports that are no faults of the hub are of this class.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}
