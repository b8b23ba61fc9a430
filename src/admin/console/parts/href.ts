/**
 * The address of a link whose URL somebody else wrote. What is not http or https leads nowhere: it could be a program.
 *
 * Such a link also has `rel="noreferrer noopener"`.
 */
export function href(url: string): string {
  const { protocol } = URL.parse(url) ?? { protocol: null }
  return protocol === 'https:' || protocol === 'http:' ? url : '#'
}

/** An address of the console's own: what is null, undefined or empty stays out of the query. */
export function address(
  path: string,
  query: Readonly<Record<string, string | number | null | undefined>> = {},
): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '')
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))
  return given.length === 0 ? path : `${path}?${search}`
}
