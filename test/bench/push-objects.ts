/** Locations that are pushed, each with a number, all of one size. */
export type PushObjects = {
  /** Within the module, from the slash on. */
  readonly path: (n: number) => string
  readonly body: (n: number) => Buffer
  /** Whether these bytes are exactly the body of that number. */
  readonly isBody: (n: number, bytes: Buffer, start: number, end: number) => boolean
}

type Party = { readonly countryCode: string; readonly partyId: string }

const DIGITS = 7

export function createPushObjects({ countryCode, partyId }: Party, size: number): PushObjects {
  const id = `L${'0'.repeat(DIGITS)}`
  const location = {
    ...{ country_code: countryCode, party_id: partyId, id, publish: true, name: '', city: 'Arnhem', country: 'NLD' },
    coordinates: { latitude: '51.562787', longitude: '4.638975' },
    time_zone: 'Europe/Amsterdam',
    last_updated: '2026-01-01T00:00:00Z',
  }
  location.name = 'x'.repeat(size - JSON.stringify(location).length)
  const template = Buffer.from(JSON.stringify(location))
  const digitsAt = template.indexOf(id) + 1
  const behind = digitsAt + DIGITS
  return {
    path: (n) => `/${countryCode}/${partyId}/L${digits(n)}`,
    body(n) {
      const body = Buffer.from(template)
      body.write(digits(n), digitsAt, 'latin1')
      return body
    },
    isBody(n, bytes, start, end) {
      if (end - start !== template.length) return false
      if (bytes.toString('latin1', start + digitsAt, start + behind) !== digits(n)) return false
      const isHeadRight = bytes.compare(template, 0, digitsAt, start, start + digitsAt) === 0
      return isHeadRight && bytes.compare(template, behind, template.length, start + behind, end) === 0
    },
  }
}

function digits(n: number): string {
  return String(n).padStart(DIGITS, '0')
}

/** The number in a path made by `path`. */
export function numberIn(path: string): number {
  return Number(path.slice(-DIGITS))
}
