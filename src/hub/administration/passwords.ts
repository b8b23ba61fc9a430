/** A password is at least this long: shorter ones are guessed from a stolen digest. */
export const LEAST_PASSWORD_LENGTH = 12
export const MOST_PASSWORD_LENGTH = 200

/** Slow on purpose: each call takes about a fifth of a second of a processor and 16 MB. */
export type Passwords = {
  /** Text to keep in the place of the password. */
  readonly digest: (password: string) => Promise<string>
  /** Takes as long where there is no digest (null) to compare with, and says false. */
  readonly matches: (password: string, digest: string | null) => Promise<boolean>
}
