import { readText, writeObject } from './json-parts.ts'
import * as known from './known-221.ts'
import { type BySetting, change, drop, type Hand, type Invention, invent, make, type Rule, values } from './rules.ts'

export const NO_FIELD = 'OCPI 2.1.1 has no such field'
export const NO_VALUE = 'OCPI 2.1.1 has no such value'

/** Without a zone as `2015-06-29T20:39:09`, which both versions take for UTC; later readers ask for the `Z`. */
const BARE_TIME = /^"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?"$/

/** A timestamp going up. @param name in the target */
export function time(name: string): Rule {
  const reason = 'a time without a zone is UTC'
  return change(reason, (text, hand) => {
    if (!BARE_TIME.test(text)) return text
    hand.note('changed', `/${name}`, reason)
    return `${text.slice(0, -1)}Z"`
  })
}

export function times(...names: string[]): Record<string, Rule> {
  return Object.fromEntries(names.map((name) => [name, time(name)]))
}

/** A string that the target's version has shorter: carried whole all the same, since a cut id is another's. */
export function atMost(name: string, characters: number, version: string): Rule {
  const reason = longerThan(characters, version)
  return change(
    reason,
    (text, hand) => {
      if ((readText(text)?.length ?? 0) > characters) hand.note('unknown', `/${name}`, reason)
      return text
    },
    { fate: 'unknown' },
  )
}

function longerThan(characters: number, version: string): string {
  return `longer than the ${characters} characters of OCPI ${version}`
}

const OTHER_CASE = 'like another but for its letter case, which tells nothing apart from OCPI 2.2 on'

/**
 * An id going up. It stays as it is spelled: two that differ in letter case alone are two objects in 2.1.1 and one in newer versions.
 *
 * @param characters as in `atMost`; null: in both versions it is as long
 */
export function idUp(of: string, name: string, characters: number | null = null): Rule {
  const long = characters === null ? null : longerThan(characters, '2.2.1')
  return change(
    long === null ? OTHER_CASE : `${long}, or ${OTHER_CASE}`,
    (text, hand) => {
      const id = readText(text) ?? ''
      if (long !== null && id.length > (characters ?? 0)) hand.note('unknown', `/${name}`, long)
      if (hand.context.differsInCase?.(of, id) === true) hand.note('unknown', `/${name}`, OTHER_CASE)
      return text
    },
    { fate: 'unknown' },
  )
}

const OWNER_REASON = 'OCPI 2.1.1 has no owner in its objects'

/** Whose an object is, going up. */
export const OWNER_INVENTED: Readonly<Record<string, Invention>> = {
  country_code: invent(OWNER_REASON, ({ context }) => asText(context.owner?.countryCode)),
  party_id: invent(OWNER_REASON, ({ context }) => asText(context.owner?.partyId)),
}

/** Whose an object is, going down: not of the version, but welcome where one connection is for many parties. */
export const OWNER_DOWN: Readonly<Record<string, Rule>> = Object.fromEntries(
  ['country_code', 'party_id'].map((name) => [
    name,
    change(
      OWNER_REASON,
      (text, hand) => {
        if (hand.settings.ownerMembers || hand.settings.extras === 'keep') return text
        hand.note('lost', `/${name}`, OWNER_REASON)
        return null
      },
      { fate: null, bySetting: [['owner_members: false', 'left out']] },
    ),
  ]),
)

/** OCPI 2.2.1 asks for it in each PATCH. Of whole objects nobody but their owner can say when they changed. */
export const LAST_UPDATED_IN_PATCH: Readonly<Record<string, Invention>> = {
  last_updated: invent(
    'a PATCH of OCPI 2.2.1 says when: now',
    ({ context, isPatch }) => (isPatch ? asText(context.now()) : null),
    { isInPatch: true },
  ),
}

/** By `extras: keep`, in words for documentation. */
export const KEPT: BySetting = ['extras: keep', 'carried']

const REFERENCE_REASON = 'OCPI 2.1.1 has no references to authorisations'

/** Carried under the name that both sides agreed on. */
export const REFERENCE_DOWN: Rule = make(
  REFERENCE_REASON,
  ['authorization_id'],
  (text, hand) => {
    const { referenceMember, extras } = hand.settings
    if (referenceMember !== null) hand.put(referenceMember, text)
    else if (extras === 'keep') hand.put('authorization_reference', text)
    else hand.note('lost', '/authorization_reference', REFERENCE_REASON)
  },
  { isLost: true, bySetting: [['reference_member', 'called what it says'], KEPT] },
)

export const REFERENCE_INVENTED: Invention = invent(
  'out of the member that was agreed on for it',
  ({ context, text }) => {
    const { referenceMember } = context.sourceSettings
    return referenceMember === null ? null : text(referenceMember)
  },
  { isOnlyBySetting: true, bySetting: [['reference_member', 'made of the member that it names']] },
)

/** A number of 2.1.1, which excludes VAT, as a Price. What is one already, as some partners send it, is. */
export const PRICE_UP = change('a price excluding VAT', (text) =>
  text.startsWith('{') ? text : writeObject([['excl_vat', text]]),
)

/** Of lists: nothing in it to be said. */
export const isEmptyList = (text: string): boolean => /^\[\s*\]$/.test(text)

export function asText(value: string | null | undefined): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value)
}

/** In words, for a member of the type DisplayText. */
export function asMessage(words: string): string {
  return `[{"language":"en","text":${JSON.stringify(words)}}]`
}

export const DAY_VALUES = values({ known: known.DAYS })

/** Members that 2.1.1 does not have. */
export function drops(...names: string[]): Record<string, Rule> {
  return Object.fromEntries(names.map((name) => [name, drop(NO_FIELD)]))
}

/** Whether a function of rules has a setting that keeps what the version does not have. */
export const keepsExtras = (hand: Hand): boolean => hand.settings.extras === 'keep'
