import { compile } from './compiled-table.ts'
import { type Context, DEFAULT_CONVERSION, type Kind } from './conversion.ts'
import type { IdOf } from './ids.ts'
import { readText, writeList } from './json-parts.ts'
import { elementsOfText } from './json-text.ts'
import { rewriteObject } from './rewrite-object.ts'
import { change, each, type Hand, one, type Rule, type RuleTable } from './rules.ts'

/** Another id in place of one; null where there is none yet: then nothing is rewritten, and it is among the missing. */
export type RenameId = (of: IdOf, id: string) => string | null

export type Renamed =
  | { readonly kind: 'renamed'; readonly bytes: Uint8Array }
  /** Ids that nothing was given for, each once. */
  | { readonly kind: 'missing'; readonly ids: readonly { readonly of: IdOf; readonly id: string }[] }
  /** No JSON, or no object. */
  | { readonly kind: 'broken'; readonly why: string }

/** An object with other ids, its own and those of what it refers to; of any version, whole or the part that a PATCH brings. */
export function renameIds(bytes: Uint8Array, kind: Kind, rename: RenameId): Renamed {
  const missing = new Map<string, { of: IdOf; id: string }>()
  const context: EdgeContext = {
    ...NO_CONTEXT,
    renameId(of, id) {
      const renamed = rename(of, id)
      if (renamed === null) missing.set(`${of} ${id}`, { of, id })
      return renamed
    },
  }
  const rewritten = rewriteObject(compile(TABLE), kind, bytes, true, context)
  if (missing.size > 0) return { kind: 'missing', ids: [...missing.values()] }
  switch (rewritten.kind) {
    case 'converted':
      return { kind: 'renamed', bytes: rewritten.bytes }
    case 'broken':
      return rewritten
    default:
      throw new Error(`${kind}: a table of ids has ${rewritten.kind}`)
  }
}

type EdgeContext = Context & { readonly renameId: RenameId }

const NO_CONTEXT: Context = {
  settings: DEFAULT_CONVERSION,
  sourceSettings: DEFAULT_CONVERSION,
  owner: null,
  counterpart: null,
  now: () => '',
}

function renamed(of: IdOf, text: string, { context }: Hand): string {
  const id = readText(text)
  const other = id === null ? null : (context as EdgeContext).renameId(of, id)
  return other === null ? text : JSON.stringify(other)
}

const id = (of: IdOf): Rule => change(`the id of a ${of}`, (text, hand) => renamed(of, text, hand), { fate: null })

const ids = (of: IdOf): Rule =>
  change(
    `ids of ${of}s`,
    (text, hand) => {
      const elements = elementsOfText(text)
      return elements === null ? text : writeList(elements.map((element) => renamed(of, element, hand)))
    },
    { fate: null },
  )

const LOCATION_ID = { members: { location_id: id('location') } }

/** Where ids stand, in objects of all versions. */
const TABLE: RuleTable = {
  from: 'any',
  to: 'the same',
  // So nothing is left out for being null, or unknown.
  direction: 'down',
  shapes: {
    location: { members: { id: id('location'), evses: each('evse') } },
    evse: { members: { connectors: each('connector') } },
    connector: { members: { tariff_id: id('tariff'), tariff_ids: ids('tariff') } },
    tariff: { members: { id: id('tariff') } },
    session: {
      members: {
        id: id('session'),
        location: one('location'),
        location_id: id('location'),
        charging_periods: each('charging-period'),
      },
    },
    cdr: {
      members: {
        id: id('cdr'),
        session_id: id('session'),
        credit_reference_id: id('cdr'),
        location: one('location'),
        cdr_location: one('cdr-location'),
        tariffs: each('tariff'),
        charging_periods: each('charging-period'),
      },
    },
    'cdr-location': { members: { id: id('location') } },
    'charging-period': { members: { tariff_id: id('tariff') } },
    'location-references': LOCATION_ID,
    authorization: { members: { location: one('location-references') } },
    'reserve-now': LOCATION_ID,
    'start-session': LOCATION_ID,
    'unlock-connector': LOCATION_ID,
    'stop-session': { members: { session_id: id('session') } },
  },
}
