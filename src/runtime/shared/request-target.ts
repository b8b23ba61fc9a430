import { splitUrl } from '../../ocpi/url.ts'

/** Path and query as bytes; a request in absolute form loses its scheme and host (RFC 9112 §3.2.2). */
export function splitTarget(url: string): { path: string; query: string } {
  const target = url.startsWith('/') ? url : splitUrl(url).target || '/'
  const mark = target.indexOf('?')
  return mark === -1 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark) }
}
