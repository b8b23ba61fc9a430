import { bigint, customType } from 'drizzle-orm/pg-core'

/** A moment, in milliseconds since the epoch here as everywhere in the hub. */
export const moment = (name: string) => bigint(name, { mode: 'number' })

/** Bytes as they are. */
export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })
