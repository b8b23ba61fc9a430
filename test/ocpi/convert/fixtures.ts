import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Kind } from '../../../src/ocpi/convert/conversion.ts'
import { bytesOf, readBytes, written } from './text.ts'

/** An example object of the specification. */
export type Fixture = {
  readonly name: string
  readonly kind: Kind
  readonly isPatch: boolean
  readonly bytes: Uint8Array
}

/** Examples whose name does not tell what they are; `*` for lists in an envelope. */
const KINDS: Readonly<Record<string, Kind>> = {
  location_put_example_add_evse: 'evse',
  location_patch_example_remove_evse: 'evse',
  location_patch_example_status: 'evse',
  location_patch_example_tariff: 'connector',
  transport_and_format_get_token_example: 'token',
  transport_and_format_get_token_list_example: 'token',
}

/** All that there are of a version. */
export function fixturesOf(version: string): readonly Fixture[] {
  const directory = fileURLToPath(new URL(`../../fixtures/ocpi/${version}/`, import.meta.url))
  return readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const name = file.slice(0, -'.json'.length)
      const kind = KINDS[name] ?? (name.split('_')[0] as Kind)
      const bytes = new Uint8Array(readFileSync(`${directory}${file}`))
      const isPatch = name.includes('_patch_')
      const { data } = readBytes(bytes) as { data?: unknown }
      if (data === undefined) return [{ name, kind, isPatch, bytes }]
      const objects = Array.isArray(data) ? data : [data]
      return objects.map((object, i) => ({ name: `${name} ${i}`, kind, isPatch, bytes: bytesOf(written(object)) }))
    })
}
