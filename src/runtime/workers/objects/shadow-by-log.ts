import type { ShadowRows } from '../../../hub/shadow/shadow.ts'
import type { LogObject } from './ports.ts'
import { valueOf } from './rpc.ts'

/** What owners said of their objects, by the Log object. */
export function shadowBy(logObject: () => LogObject): ShadowRows {
  return {
    read: (chainKeys) => valueOf(() => logObject().readShadow(chainKeys)),
    note: (note) => valueOf(() => logObject().noteShadow(note)),
    isTold: (told) => valueOf(() => logObject().isToldShadow(told)),
    tell: (told) => valueOf(() => logObject().tellShadow(told)),
  }
}
