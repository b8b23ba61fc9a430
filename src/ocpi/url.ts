/** A URL's text taken apart: nothing in it is decoded, resolved or spelt anew, as `URL` would. */
export type UrlParts = {
  /** As written, without its colon; null in a relative reference. */
  readonly scheme: string | null
  /** As written, with user and port; null where no `//` comes before it. */
  readonly host: string | null
  /** Empty, or as written: it may be relative. */
  readonly path: string
  /** With its `?`; empty when there is none. */
  readonly query: string
  /** Path, query and fragment together. */
  readonly target: string
}

/** Scheme, host, path and query [RFC 3986, appendix B]. Every text matches. */
const PARTS = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?(([^?#]*)(\?[^#]*)?.*)$/is

/** Splits an absolute URL or a relative reference: `https://cpo.example/a?b=c` is `https`, `cpo.example`, `/a` and `?b=c`. */
export function splitUrl(url: string): UrlParts {
  const [, scheme, host, target = '', path = '', query = ''] = PARTS.exec(url) ?? []
  return { scheme: scheme ?? null, host: host ?? null, path, query, target }
}

/** Whether a scheme is one of the web's. */
export function isWebScheme(scheme: string | null): boolean {
  return scheme !== null && /^https?$/i.test(scheme)
}
