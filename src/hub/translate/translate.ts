import { showParty } from '../../ocpi/party.ts'
import type { Platform } from '../network/routing-table.ts'
import type { Carriage, TranslatedRequest } from './carriage.ts'

/** What carries requests, and what comes back of them, between platforms of unlike OCPI versions. */
export type Translate = {
  /** Why nothing is carried between two platforms; null where versions are equal, or there is a conversion. */
  readonly gap: (carriage: Pick<Carriage, 'version' | 'receiver' | 'to'>) => string | null
  /** @param body whole, as its sender made it; empty where there is none */
  readonly request: (carriage: Carriage, body: Uint8Array) => TranslatedRequest | Promise<TranslatedRequest>
}

const SAME: TranslatedRequest = { kind: 'same' }

/** Made once for a hub. Of messages between equal versions it makes nothing. */
export function createTranslate(): Translate {
  function gap({ version, receiver, to }: Pick<Carriage, 'version' | 'receiver' | 'to'>): string | null {
    if (version === receiver.version) return null
    return `${showParty(to)} speaks ${named(receiver.version)}, your platform ${version ?? 'none'}; nothing is carried between the two`
  }

  return {
    gap,
    request(carriage) {
      const why = gap(carriage)
      return why === null ? SAME : { kind: 'no-bridge', why }
    },
  }
}

function named(version: Platform['version']): string {
  return version === null ? 'no OCPI version yet' : `OCPI ${version}`
}
