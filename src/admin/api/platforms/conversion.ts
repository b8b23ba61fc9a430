import type { z } from '@hono/zod-openapi'
import type { PlatformRecord } from '../../../hub/network/registry.ts'
import { type ConversionSettings, DEFAULT_CONVERSION } from '../../../ocpi/convert/conversion.ts'
import { VERSION_211 } from '../../../ocpi/dialect-211.ts'
import { type Party, sameParty } from '../../../ocpi/party.ts'
import type { InputError } from '../../problem.ts'
import type { ConversionInputSchema, ConversionSchema } from './conversion-schema.ts'

type Own = Partial<ConversionSettings>
type Input = z.infer<typeof ConversionInputSchema>
type Preset = NonNullable<Input['preset']>

/** What pushes and pulls of a connection have to agree in: it is settled by the handshake. */
const FIXED = ['ids', 'counterparty'] as const

/** Beside what `FIXED` names. */
const PRESETS: Readonly<Record<Preset, Own>> = {
  default: {},
  /** For who is used to the roaming platform of that name. */
  gireve: { referenceMember: 'authorization_id', signedData: true },
}

export function showConversion({ conversion }: PlatformRecord): z.infer<typeof ConversionSchema> {
  const inForce = { ...DEFAULT_CONVERSION, ...conversion }
  return {
    extras: inForce.extras,
    tariff_loss: inForce.tariffLoss,
    owner_members: inForce.ownerMembers,
    owner_in_url: inForce.ownerInUrl,
    ids: inForce.ids,
    counterparty: inForce.counterparty,
    time_zone: inForce.timeZone,
    vat: inForce.vat,
    command_timeout: inForce.commandTimeout,
    credit: inForce.credit,
    reference_member: inForce.referenceMember,
    signed_data: inForce.signedData,
    tells_losses: inForce.tellsLosses,
  }
}

/** A platform's own settings after an administrator's change: what is left out stays, null and the default are not kept. */
export function changedConversion(before: Own = {}, { preset, ...input }: Input): Own {
  const fixed = Object.fromEntries(FIXED.map((name) => [name, before[name]])) as Own
  const start = preset === undefined ? before : { ...fixed, ...PRESETS[preset] }
  const given = {
    extras: input.extras,
    tariffLoss: input.tariff_loss,
    ownerMembers: input.owner_members,
    ownerInUrl: input.owner_in_url,
    ids: input.ids,
    counterparty: input.counterparty?.toUpperCase() ?? input.counterparty,
    timeZone: input.time_zone,
    vat: input.vat,
    commandTimeout: input.command_timeout,
    credit: input.credit,
    referenceMember: input.reference_member,
    signedData: input.signed_data,
    tellsLosses: input.tells_losses,
  } satisfies Readonly<Record<keyof ConversionSettings, unknown>>
  const changed = { ...start, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }
  const isOwn = ([name, value]: [string, unknown]) =>
    value !== undefined && value !== null && value !== DEFAULT_CONVERSION[name as keyof ConversionSettings]
  return Object.fromEntries(Object.entries(changed).filter(isOwn)) as Own
}

/** The hub is nobody's counterparty. */
export function conversionFaults({ counterparty }: Input, hub: Party): InputError[] {
  if (!counterparty) return []
  const named = { countryCode: counterparty.slice(0, 2), partyId: counterparty.slice(3) }
  if (!sameParty(named, hub)) return []
  return [{ pointer: '#/conversion/counterparty', detail: 'Expected a party of a platform: this is the hub itself' }]
}

/** Why a change has to wait for a new handshake; null where it need not. */
export function fixedByHandshake(
  { version, hasCredentials, conversion = {} }: PlatformRecord,
  changed: Own,
): string | null {
  if (version !== VERSION_211 || !hasCredentials) return null
  const differing = FIXED.filter((name) => conversion[name] !== changed[name])
  if (differing.length === 0) return null
  const they = differing.length > 1 ? 'hold' : 'holds'
  return `${differing.join(' and ')} ${they} from the handshake on: disconnect the platform, change this, and let it register again`
}
