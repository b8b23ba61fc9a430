/** Sums of JSON numbers as they are written, without rounding: `1.10` and `0.23` are `1.33`. */

/** Digits and zeros beyond which a number is no amount of anything. */
const MOST_DIGITS = 60

type Decimal = { readonly digits: bigint; readonly scale: number }

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** The sum of two JSON numbers, with as many decimals as the one with more; null when one is no number, or beyond all measure. */
export function addDecimals(a: string, b: string): string | null {
  return combine(a, b, 1n)
}

/** The first JSON number less the second; null as for sums. */
export function subtractDecimals(a: string, b: string): string | null {
  return combine(a, b, -1n)
}

function combine(a: string, b: string, sign: bigint): string | null {
  const [x, y] = [read(a), read(b)]
  if (x === null || y === null) return null
  const scale = Math.max(x.scale, y.scale)
  return write({ digits: scaled(x, scale) + sign * scaled(y, scale), scale })
}

function read(text: string): Decimal | null {
  const parts = NUMBER.exec(text)
  if (parts === null) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  const power = Number(exponent)
  if (whole.length + fraction.length > MOST_DIGITS || Math.abs(power) > MOST_DIGITS) return null
  const digits = BigInt(`${sign}${whole}${fraction}`)
  const scale = fraction.length - power
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}

function scaled({ digits, scale }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - scale)
}

function write({ digits, scale }: Decimal): string {
  if (scale === 0) return digits.toString()
  const sign = digits < 0n ? '-' : ''
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  return `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
}
