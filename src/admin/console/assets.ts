import { Hono } from 'hono'
import type { AdminPorts } from '../ports.ts'
import { MANIFEST } from './manifest.ts'

export type AssetName = keyof typeof MANIFEST

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  woff2: 'font/woff2',
}

/** Where pages load files from: the console's, and those of partners, from whom an ingress keeps `/admin`. */
type Folder = '/admin/assets' | '/partner/assets'

/** Where a page loads a file from: an address that names its content, so that a browser may keep it for a year. */
export function assetAddress(name: AssetName, folder: Folder = '/admin/assets'): string {
  return `${folder}/${name}?${MANIFEST[name]}`
}

/** Serves the files that pages load, where nothing in front of the hub does. They are no secrets: the sign-in page needs them. */
export function createAssets({ readAsset }: Pick<AdminPorts, 'readAsset'>, folder: Folder = '/admin/assets') {
  return new Hono().get(`${folder}/:name`, async (c) => {
    const name = c.req.param('name')
    if (!Object.hasOwn(MANIFEST, name)) return c.notFound()
    const bytes = await readAsset(name)
    const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
    // A page of another version of the hub, beside this one, asks for another content.
    const isAsked = new URL(c.req.url).search === `?${MANIFEST[name as AssetName]}`
    const lasts = isAsked ? 'public, max-age=31536000, immutable' : 'no-cache'
    return c.body(bytes, 200, { 'Content-Type': type, 'Cache-Control': lasts })
  })
}
