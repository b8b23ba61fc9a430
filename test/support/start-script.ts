import { readFileSync } from 'node:fs'

const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  scripts: { start: string }
}
const [arenas = '', , , ...rest] = scripts.start.split(' ')

/** What `npm start` tells Node and the system: `MALLOC_ARENA_MAX=2 exec node --an-option src/runtime/node.ts`. */
export const START_OPTIONS: readonly string[] = rest.slice(0, -1)
export const START_ENVIRONMENT = { MALLOC_ARENA_MAX: arenas.split('=')[1] ?? '' }
