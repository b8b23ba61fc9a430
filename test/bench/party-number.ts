/** Party number n, `AA`…`ZZ` and three characters: enough for hundreds of thousands. */
export function partyNumber(n: number): { countryCode: string; partyId: string } {
  const letter = (value: number) => String.fromCharCode(65 + (value % 26))
  const country = Math.floor(n / 46_656)
  return {
    countryCode: letter(Math.floor(country / 26)) + letter(country),
    partyId: n.toString(36).toUpperCase().padStart(3, '0').slice(-3),
  }
}

/** Its platform, as the hub makes ids. */
export function platformId(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}
