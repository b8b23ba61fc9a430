import { keyOf } from '../../ocpi/party.ts'
import type { Drivers } from '../translate/edge-ports.ts'
import { keyWithin } from './clues.ts'
import type { ObjectOwners } from './object-owners.ts'

/** Which eMSP has a session of a CPO: the one that it was sent or shown to last. */
export function createDrivers({ owners }: { readonly owners: Pick<ObjectOwners, 'find' | 'learn'> }): Drivers {
  return {
    async of(cpo, session) {
      const [emsp] = await owners.find('driver', keyWithin(keyOf(cpo), session.toLowerCase()))
      return emsp ?? null
    },
    learn(cpo, session, emsp) {
      owners.learn({ kind: 'driver', key: keyWithin(keyOf(cpo), session.toLowerCase()), party: keyOf(emsp) })
    },
  }
}
