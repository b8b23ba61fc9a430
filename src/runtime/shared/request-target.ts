import { withSingleSlashes } from '../../ocpi/path.ts'
import { splitUrl } from '../../ocpi/url.ts'

/**
 * Path and query as bytes, but for doubled slashes in the path, which are one; a request in absolute form loses its scheme and
 * host (RFC 9112 §3.2.2).
 */
export function splitTarget(url: string): { path: string; query: string } {
  const target = url.startsWith('/') ? url : splitUrl(url).target || '/'
  const mark = target.indexOf('?')
  if (mark === -1) return { path: withSingleSlashes(target), query: '' }
  return { path: withSingleSlashes(target.slice(0, mark)), query: target.slice(mark) }
}
