import type { Fate } from '../../../ocpi/convert/conversion.ts'

export const FATES = ['lost', 'invented', 'changed', 'withheld', 'unknown'] as const satisfies readonly Fate[]
