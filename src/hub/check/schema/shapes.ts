import type { ListModule } from '../lists.ts'
import { CDR, SESSION } from './cdr.ts'
import { LOCATION } from './location.ts'
import type { Shape } from './shape.ts'
import { TARIFF } from './tariff.ts'
import { TOKEN } from './token.ts'

/** What the objects of each list have to be. */
export const SHAPES: Readonly<Record<ListModule, Shape>> = {
  locations: LOCATION,
  tokens: TOKEN,
  tariffs: TARIFF,
  sessions: SESSION,
  cdrs: CDR,
}
