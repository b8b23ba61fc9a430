import { enableCompileCache, flushCompileCache, registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Where compiled code is kept for the next start. */
export const COMPILED = fileURLToPath(new URL('../../../node_modules/.cache/ocpi-hub', import.meta.url))

/**
 * Makes later imports take a third of the time; half of a start would go into them otherwise. To be called before them, so
 * they must be dynamic. Without effect on what is imported.
 *
 * - Node parses a package's package.json for each of its files to learn their format. That of drizzle-orm has 180 KB and
 *   over a hundred files are read: their format is told here instead.
 * - Compiled code is kept for the next start beside the packages, where whoever may write could change the code itself.
 */
export function hastenImports(): void {
  registerHooks({
    resolve(specifier, context, resolveNext) {
      const { parentURL } = context
      if (!specifier.startsWith('.') || !parentURL?.includes('/node_modules/drizzle-orm/')) {
        return resolveNext(specifier, context)
      }
      return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true }
    },
  })
  enableCompileCache(COMPILED)
  // Node would write it when the process ends in order, which may never come.
  setTimeout(flushCompileCache, 5000).unref()
}
