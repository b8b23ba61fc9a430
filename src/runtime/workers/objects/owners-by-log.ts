import type { OwnerStore } from '../../../hub/open-routing/object-owners.ts'
import type { LogObject } from './ports.ts'
import { valueOf } from './rpc.ts'

/** What is known of objects' owners, by the Log object, which keeps it within its bounds. */
export function ownersBy(logObject: () => LogObject): OwnerStore {
  return {
    find: (kind, key) => valueOf(() => logObject().findOwners(kind, key)),
    findMany: (kind, keys) => valueOf(() => logObject().findManyOwners(kind, keys)),
    save: (facts, at) => valueOf(() => logObject().saveOwners(facts, at)),
    trim: async () => 0,
  }
}
