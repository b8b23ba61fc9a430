export type Listed = Record<string, unknown> & { id: string }

/** Objects with spelling that no parser would keep: what a hub that rebuilt them would lose. */
export function locationsOf(
  party: { country_code: string; party_id: string },
  count: number,
  prefix = 'LOC',
): string[] {
  return Array.from(
    { length: count },
    (_, i) =>
      `{ "country_code":"${party.country_code}", "party_id" : "${party.party_id}","id":"${prefix}${i}","power":1.10,"x_own":{"a":[ ]},"name":"\\u00e9"}`,
  )
}
