import { readOptions } from '../../src/command/read-options.ts'
import { scalePieces } from './tables.ts'

readOptions(
  `npm run scale

Prints what is computed in "Scale" in docs/operators.md, computed from the assumptions in test/scale/assumptions.ts.`,
  {},
)
for (const { title, text } of scalePieces()) process.stdout.write(`${title}\n\n${text}\n\n`)
