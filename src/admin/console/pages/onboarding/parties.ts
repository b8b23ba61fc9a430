import { PARTY_ROLES } from '../../../../ocpi/party.ts'
import type { Problem } from '../../api.ts'
import type { Form } from '../../form.ts'
import { choice, faultOf, textField } from '../../parts/field.ts'
import { type Html, html } from '../../parts/html.ts'
import type { Platform } from '../../views.ts'

/** A line of the form, as it was typed. */
export type PartyLine = { readonly country: string; readonly id: string; readonly role: string }

/** Lines that the form has: a platform with more parties brings them in its handshake, or gets them later. */
const LINES = 3
const EMPTY: PartyLine = { country: '', id: '', role: 'CPO' }

export const NO_PARTIES: readonly PartyLine[] = Array.from({ length: LINES }, () => EMPTY)

export function readPartyLines(form: Form): PartyLine[] {
  return NO_PARTIES.map((_, i) => ({
    country: form.text(`country-${i}`).trim(),
    id: form.text(`party-${i}`).trim(),
    role: form.text(`role-${i}`),
  }))
}

/** What the API is sent; empty lines are left out. The API says of a role that there is none. */
export function partiesOf(lines: readonly PartyLine[]) {
  return lines.filter(isFilled).map(({ country, id, role }) => ({
    country_code: country,
    party_id: id,
    role: role as (typeof PARTY_ROLES)[number],
  }))
}

/** Lines of a country, an id and a role, each with what is wrong with it. */
export function partyFields(lines: readonly PartyLine[], problem: Problem | undefined): Html {
  const roles = PARTY_ROLES.map((role) => [role, role] as const)
  return html`<fieldset class="parties"><legend>Parties it will bring <span class="dim">(you may add more later)</span></legend>
${lines.map((line, i) => {
  const at = `#/parties/${lines.slice(0, i).filter(isFilled).length}`
  const isSent = isFilled(line)
  const country = isSent ? faultOf(problem, `${at}/country_code`) : undefined
  const id = isSent ? faultOf(problem, at) : undefined
  return html`<div class="party">${textField({ name: `country-${i}`, label: 'Country', value: line.country, placeholder: 'NL', maxLength: 2, isMono: true, fault: country })}${textField({ name: `party-${i}`, label: 'Party ID', value: line.id, placeholder: 'ABC', maxLength: 3, isMono: true, fault: country === undefined ? id : undefined })}${choice({ name: `role-${i}`, label: 'Role', value: line.role, options: roles })}</div>`
})}<p class="hint">They are reserved for it. Others see them as PLANNED.</p></fieldset>`
}

/** `NL-ABC CPO, NL-ABC EMSP`: parties with their roles, the first few of many. */
export function partiesInWords(parties: Platform['parties'], most = 6): string {
  const names = parties.map(({ country_code, party_id, role }) => `${country_code}-${party_id} ${role}`)
  const left = names.length - most
  return names.slice(0, most).join(', ') + (left > 0 ? ` and ${left} more` : '')
}

/** `NL-ABC`, each party once. */
export function partyNames(parties: Platform['parties']): string[] {
  return [...new Set(parties.map(({ country_code, party_id }) => `${country_code}-${party_id}`))]
}

function isFilled({ country, id }: PartyLine): boolean {
  return country !== '' || id !== ''
}
