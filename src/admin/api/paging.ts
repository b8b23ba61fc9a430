/**
 * Link header to the next page of a list: the same query with another cursor [RFC 8288]. Relative to the address asked, so
 * that a client behind another name for the hub never carries its token elsewhere.
 */
export function linkToNext(requestUrl: string, cursor: string): string {
  const url = new URL(requestUrl)
  url.searchParams.set('cursor', cursor)
  return `<${url.pathname}${url.search}>; rel="next"`
}
