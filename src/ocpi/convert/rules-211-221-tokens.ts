import { readText, writeObject } from './json-parts.ts'
import { elementsOfText, membersOfText } from './json-text.ts'
import * as known from './known-221.ts'
import { change, drop, invent, one, rename, type Shape, values } from './rules.ts'
import {
  asMessage,
  asText,
  drops,
  idUp,
  LAST_UPDATED_IN_PATCH,
  NO_FIELD,
  NO_VALUE,
  OWNER_DOWN,
  OWNER_INVENTED,
  REFERENCE_DOWN,
  REFERENCE_INVENTED,
  times,
} from './rules-211-221-common.ts'
import { ADDED_COMMAND_RESULTS, ADDED_TOKEN_TYPES, all, COMMAND_RESULTS, TOKEN_TYPES, words } from './values-211.ts'

/** Older partners answer commands with the result alone: `"ACCEPTED"`. */
const ofBareResult = (text: string): string | null => (readText(text) === null ? null : writeObject([['result', text]]))

/** What a result was that the version does not have, for people. */
function tellResult(value: string) {
  return invent(`says ${value}`, ({ string }) => (string('result') === value ? asMessage(value) : null))
}

const TOKEN_REASON = 'an authorisation of OCPI 2.1.1 has no token: the one that was seen, else `#NA`, never to be kept'

export const TOKENS_UP: Readonly<Record<string, Shape>> = {
  token: {
    members: {
      uid: idUp('token', 'uid'),
      type: values({ known: known.TOKEN_TYPES }),
      auth_id: rename('contract_id'),
      whitelist: values({ known: known.WHITELISTS }),
      ...times('last_updated'),
    },
    invents: { ...OWNER_INVENTED, ...LAST_UPDATED_IN_PATCH },
  },
  'location-references': { members: { connector_ids: drop('OCPI 2.2.1 has no such field') } },
  authorization: {
    members: { allowed: values({ known: known.ALLOWED }), location: one('location-references') },
    invents: {
      token: invent(TOKEN_REASON, ({ context, string }) => {
        const { asked, counterpart, now } = context
        const seen = context.seenToken?.() ?? null
        if (seen !== null) return new TextDecoder().decode(seen)
        if (asked === undefined) return null
        return writeObject([
          ['country_code', asText(counterpart?.countryCode)],
          ['party_id', asText(counterpart?.partyId)],
          ['uid', asText(asked.uid)],
          ['type', asText(asked.type ?? 'RFID')],
          ['contract_id', '"#NA"'],
          ['issuer', asText(counterpart === null ? '#NA' : `${counterpart.countryCode}-${counterpart.partyId}`)],
          ['valid', String(string('allowed') === 'ALLOWED')],
          ['whitelist', '"NEVER"'],
          ['last_updated', asText(now())],
        ])
      }),
      authorization_reference: REFERENCE_INVENTED,
    },
  },
  'reserve-now': {
    members: {
      token: one('token'),
      reservation_id: change('a number as text', (text) => (text.startsWith('"') ? text : JSON.stringify(text))),
      ...times('expiry_date'),
    },
  },
  'start-session': {
    members: { token: one('token') },
    invents: {
      connector_id: invent('the EVSE has only this one', ({ context, string }) => {
        const location = context.locationOf?.(string('location_id') ?? '') ?? null
        const evse = location && findEvse(new TextDecoder().decode(location), string('evse_uid'))
        const connectors = elementsOfText(evse?.get('connectors') ?? '')
        return connectors?.length === 1 ? (membersOfText(connectors[0] as string)?.get('id') ?? null) : null
      }),
    },
  },
  'command-response': {
    ofBare: ofBareResult,
    members: {
      result: values({
        known: known.COMMAND_RESPONSES,
        map: { TIMEOUT: 'REJECTED' },
        reason: 'an answer at once has no such result in OCPI 2.2.1',
        spares: null,
      }),
    },
    invents: {
      timeout: invent(
        'OCPI 2.2.1 asks for it: 30 seconds',
        ({ context }) => String(Math.round(context.sourceSettings.commandTimeout)),
        { bySetting: [['command_timeout', 'what it says']] },
      ),
      message: tellResult('TIMEOUT'),
    },
  },
  'command-result': {
    ofBare: ofBareResult,
    members: {
      result: values({
        known: known.COMMAND_RESULTS,
        map: { UNKNOWN_SESSION: 'REJECTED' },
        reason: 'a command does not end so in OCPI 2.2.1',
        spares: null,
      }),
    },
    invents: { message: tellResult('UNKNOWN_SESSION') },
  },
}

/** @param location JSON text */
export function findEvse(location: string, uid: string | null): ReadonlyMap<string, string> | null {
  const evses = elementsOfText(membersOfText(location)?.get('evses') ?? '') ?? []
  const found = evses.map(membersOfText).find((evse) => evse !== null && readText(evse.get('uid')) === uid)
  return uid === null ? null : (found ?? null)
}

/** The largest number of nine digits fits every integer. */
const SMALL_NUMBER = /^(0|[1-9]\d{0,8})$/

/** A number of ten digits, the same each time for a text, beyond all that are carried as they are [FNV-1a]. */
function numberFor(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return 1_000_000_000 + (hash % 1_147_483_647)
}

const RESERVATION_REASON = 'OCPI 2.1.1 has numbers for reservations: one was given to it'

export const TOKENS_DOWN: Readonly<Record<string, Shape>> = {
  token: {
    known: words('uid type auth_id visual_number issuer valid whitelist language last_updated'),
    members: {
      ...OWNER_DOWN,
      ...drops('group_id', 'default_profile_type', 'energy_contract'),
      contract_id: rename('auth_id'),
      type: values({ known: TOKEN_TYPES, map: all(ADDED_TOKEN_TYPES, 'OTHER'), reason: NO_VALUE }),
      whitelist: values({ known: known.WHITELISTS }),
    },
  },
  'location-references': { known: words('location_id evse_uids connector_ids'), members: {} },
  authorization: {
    known: words('allowed location info'),
    members: {
      allowed: values({ known: known.ALLOWED }),
      token: drop(NO_FIELD),
      authorization_reference: REFERENCE_DOWN,
      location: one('location-references'),
    },
  },
  'reserve-now': {
    known: words('response_url token expiry_date reservation_id location_id evse_uid'),
    members: {
      token: one('token'),
      authorization_reference: REFERENCE_DOWN,
      reservation_id: change(RESERVATION_REASON, (text, { context, note, text: textOf }) => {
        const id = readText(text)
        if (id === null) return text
        if (SMALL_NUMBER.test(id)) return id
        note('changed', '/reservation_id', RESERVATION_REASON)
        const token = membersOfText(textOf('token') ?? '')
        const owner = `${token?.get('country_code')}${token?.get('party_id')}`
        return String(context.numberFor?.(id) ?? numberFor(`${owner} ${id}`))
      }),
    },
  },
  'start-session': {
    known: words('response_url token location_id evse_uid'),
    members: { token: one('token'), connector_id: drop(NO_FIELD), authorization_reference: REFERENCE_DOWN },
  },
  'stop-session': { known: words('response_url session_id'), members: {} },
  'unlock-connector': { known: words('response_url location_id evse_uid connector_id'), members: {} },
  'cancel-reservation': {
    members: {},
    checks: [{ members: [], reason: 'OCPI 2.1.1 has no such command', isWithheld: () => true }],
  },
  'command-response': {
    known: ['result'],
    members: { result: values({ known: known.COMMAND_RESPONSES }), ...drops('timeout', 'message') },
  },
  'command-result': {
    known: ['result'],
    members: {
      result: values({
        known: COMMAND_RESULTS,
        map: all(ADDED_COMMAND_RESULTS, 'REJECTED'),
        reason: NO_VALUE,
      }),
      message: drop(NO_FIELD),
    },
  },
}
