/** Texts the database keeps for the hub itself, shared by its processes. */
export type HubState = {
  readonly get: (key: string) => Promise<string | null>
  /** Keeps `value` unless the key has one already. True when it was kept. */
  readonly putIfAbsent: (key: string, value: string) => Promise<boolean>
  /** Keeps `value` in the place of `known`. False when that is no longer what the key has. */
  readonly replace: (key: string, known: string, value: string) => Promise<boolean>
}
