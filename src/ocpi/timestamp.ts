const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(?: ?[Zz]?|([+ -])([01]\d|2[0-3]):?([0-5]\d))$/

/**
 * Milliseconds since the epoch of an OCPI DateTime; null when it is none [types: DateTime].
 *
 * UTC, with or without `Z`. Also read: a space or small letters as separators, fractions down to nanoseconds, cut to
 * milliseconds, and what the specification has not, an offset as `+02:00` or `-0530`, or with the blank that a query makes of an
 * unencoded `+`.
 */
export function parseDateTime(text: string): number | null {
  const parts = DATE_TIME.exec(text)
  if (!parts) return null
  const [, year, month, day, hour, minute, second, fraction = '', sign, hours, minutes] = parts
  const time = `${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
  const ms = Date.parse(`${year}-${month}-${day}T${time}`)
  // A 31 February is read as a day of March, and 24:00 as the next day: neither is a DateTime.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(8, 13) !== `${day}T${hour}`) return null
  const offset = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * 60_000
  return sign === '-' ? ms + offset : ms - offset
}

/** The OCPI DateTime of milliseconds since the epoch, `2018-01-01T01:08:01.123Z` [types: DateTime]. */
export function formatDateTime(ms: number): string {
  return new Date(ms).toISOString()
}
