import type { AdminPorts } from '../../admin/ports.ts'
import type { OptionalBindings } from './objects/ports.ts'

/**
 * Reads files that the console's pages load from the static assets. Cloudflare serves these before the Worker is asked; workerd by itself
 * does not.
 */
export function createAssetReader(assets: OptionalBindings['ASSETS']): AdminPorts['readAsset'] {
  return async (name) => {
    const answer = await assets?.fetch(`http://assets/admin/assets/${name}`)
    if (!answer?.ok) throw new Error(`There is no static asset ${name}`)
    return new Uint8Array(await answer.arrayBuffer())
  }
}
