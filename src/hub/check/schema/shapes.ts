import type { ListModule } from '../lists.ts'
import { CDR, SESSION } from './cdr.ts'
import { LOCATION } from './location.ts'
import type { Shape } from './shape.ts'
import { SHAPES_230 } from './shapes-230.ts'
import { TARIFF } from './tariff.ts'
import { TOKEN } from './token.ts'

const SHAPES_221: Readonly<Record<ListModule, Shape>> = {
  locations: LOCATION,
  tokens: TOKEN,
  tariffs: TARIFF,
  sessions: SESSION,
  cdrs: CDR,
}

/** What the objects of a list have to be in a version of OCPI; null: nothing is known of that. */
export function shapeOf(module: ListModule, version: string): Shape | null {
  const shapes = { '2.2.1': SHAPES_221, '2.3.0': SHAPES_230 }[version]
  return shapes?.[module] ?? null
}
