import { readText, writeObject } from './json-parts.ts'
import { membersOfText } from './json-text.ts'
import * as known from './known-221.ts'
import { change, drop, each, type Hand, make, type Rule, rename, type Shape, values } from './rules.ts'
import {
  asText,
  idUp,
  LAST_UPDATED_IN_PATCH,
  NO_FIELD,
  NO_VALUE,
  OWNER_DOWN,
  OWNER_INVENTED,
  PRICE_UP,
  REFERENCE_DOWN,
  REFERENCE_INVENTED,
  time,
  times,
} from './rules-211-221-common.ts'
import { firstPlugOf, seenLocation } from './session-location.ts'
import {
  ADDED_AUTH_METHODS,
  ADDED_DIMENSIONS,
  ADDED_SESSION_STATUSES,
  AUTH_METHODS,
  all,
  DIMENSIONS,
  SESSION_STATUSES,
  words,
} from './values-211.ts'

const TOKEN_UNKNOWN = 'the token of this auth_id was never seen'

/** An `auth_id` with all that is known of its token. */
export const CDR_TOKEN: Rule = make('with what is known of its token, else `#NA`', ['cdr_token'], (text, hand) => {
  const authId = readText(text)
  const known = authId === null ? null : (hand.context.tokenOf?.(authId) ?? null)
  const owner = known ?? hand.context.counterpart
  if (known === null) hand.note('invented', '/cdr_token/uid', TOKEN_UNKNOWN)
  hand.put(
    'cdr_token',
    writeObject([
      ['country_code', asText(owner?.countryCode)],
      ['party_id', asText(owner?.partyId)],
      ['uid', asText(known?.uid ?? '#NA')],
      ['type', asText(known?.type ?? 'OTHER')],
      ['contract_id', text],
    ]),
  )
})

const ONLY_AUTH_ID = 'OCPI 2.1.1 names a token by its auth_id only'

export const AUTH_ID: Rule = make(ONLY_AUTH_ID, ['auth_id'], (text, hand) => {
  const token = membersOfText(text)
  const contract = token?.get('contract_id')
  if (contract !== undefined) hand.put('auth_id', contract)
  for (const name of token?.keys() ?? []) {
    if (name !== 'contract_id') hand.note('lost', `/cdr_token/${name}`, ONLY_AUTH_ID)
  }
})

const ONLY_IDS = 'OCPI 2.2.1 has the ids of a Location in a Session'

/** @param name of the id in the target; a member that is missing, or null, is invented */
function putId(hand: Hand, name: string, id: string | undefined): void {
  const isThere = id !== undefined && id !== 'null'
  if (!isThere) hand.note('invented', `/${name}`, 'the Location in the Session does not say it')
  hand.put(name, isThere ? id : '"#NA"')
}

const LOCATION_IDS = make(ONLY_IDS, ['location_id', 'evse_uid', 'connector_id'], (text, hand) => {
  const { evse, connector } = firstPlugOf(text)
  putId(hand, 'location_id', membersOfText(text)?.get('id'))
  putId(hand, 'evse_uid', evse?.get('uid'))
  putId(hand, 'connector_id', connector?.get('id'))
  hand.note('lost', '/location', ONLY_IDS)
})

export const PERIODS_UP: Readonly<Record<string, Shape>> = {
  'charging-period': {
    members: {
      dimensions: each('cdr-dimension', { orWithheld: 'none of its dimensions is one of OCPI 2.2.1' }),
      ...times('start_date_time'),
    },
  },
  'cdr-dimension': {
    members: {
      type: values({
        known: known.DIMENSIONS,
        withheld: ['FLAT'],
        reason: 'OCPI 2.2.1 has no such dimension, total_cost has what it stands for',
        spares: null,
      }),
    },
  },
}

export const PERIODS_DOWN: Readonly<Record<string, Shape>> = {
  'charging-period': {
    known: words('start_date_time dimensions'),
    members: {
      tariff_id: drop(NO_FIELD),
      dimensions: each('cdr-dimension', { orWithheld: 'none of its dimensions is one of OCPI 2.1.1' }),
    },
  },
  'cdr-dimension': {
    known: words('type volume'),
    members: { type: values({ known: [...DIMENSIONS, 'FLAT'], withheld: ADDED_DIMENSIONS, reason: NO_VALUE }) },
  },
}

export const SESSIONS_UP: Readonly<Record<string, Shape>> = {
  session: {
    members: {
      id: idUp('session', 'id'),
      start_datetime: rename('start_date_time', time('start_date_time')),
      end_datetime: rename('end_date_time', time('end_date_time')),
      auth_id: CDR_TOKEN,
      auth_method: values({ known: known.AUTH_METHODS }),
      location: LOCATION_IDS,
      total_cost: PRICE_UP,
      status: values({ known: known.SESSION_STATUSES }),
      charging_periods: each('charging-period'),
      ...times('last_updated'),
    },
    invents: { ...OWNER_INVENTED, ...LAST_UPDATED_IN_PATCH, authorization_reference: REFERENCE_INVENTED },
    needsRest: ['location', 'charging_periods'],
  },
  ...PERIODS_UP,
}

/** A member of which another is made. */
const usedFor = (what: string): Rule => change(`part of ${what}`, () => null, { fate: null })

const WHOLE_LOCATION = 'OCPI 2.1.1 has the whole Location in a Session: the one that was seen of this id'

const LOCATION = make(WHOLE_LOCATION, ['location'], (text, hand) => {
  if (hand.isPatch) return
  const seen = seenLocation(hand, readText(text) ?? '', hand.string('evse_uid'), hand.string('connector_id'))
  if (seen === null) hand.need('location')
  else hand.put('location', seen)
})

export const NO_INCL_VAT = 'OCPI 2.1.1 has costs excluding VAT only'

/** What excludes VAT of a Price. */
export const COST_DOWN: Rule = change(NO_INCL_VAT, (text, hand) => {
  const price = membersOfText(text)
  if (price === null) return text
  const including = price.get('incl_vat')
  if (including !== undefined && including !== 'null') hand.note('lost', '/total_cost/incl_vat', NO_INCL_VAT)
  return price.get('excl_vat') ?? null
})

export const AUTH_METHOD_DOWN: Rule = values({
  known: AUTH_METHODS,
  map: all(ADDED_AUTH_METHODS, 'AUTH_REQUEST'),
  reason: 'the eMSP was asked in both',
})

export const SESSIONS_DOWN: Readonly<Record<string, Shape>> = {
  session: {
    known: words(
      'id start_datetime end_datetime kwh auth_id auth_method location meter_id currency charging_periods total_cost status last_updated',
    ),
    members: {
      ...OWNER_DOWN,
      start_date_time: rename('start_datetime'),
      end_date_time: rename('end_datetime'),
      cdr_token: AUTH_ID,
      auth_method: AUTH_METHOD_DOWN,
      authorization_reference: REFERENCE_DOWN,
      location_id: LOCATION,
      evse_uid: usedFor('location'),
      connector_id: usedFor('location'),
      charging_periods: each('charging-period'),
      total_cost: COST_DOWN,
      status: values({
        known: SESSION_STATUSES,
        map: all(ADDED_SESSION_STATUSES, 'PENDING'),
        reason: NO_VALUE,
      }),
    },
    needsRest: ['location_id', 'evse_uid', 'connector_id', 'charging_periods'],
  },
  ...PERIODS_DOWN,
}
