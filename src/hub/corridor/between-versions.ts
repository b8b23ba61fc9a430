import type { Carriage } from '../translate/carriage.ts'
import type { Translate } from '../translate/translate.ts'
import type { Forward } from './forward.ts'
import type { CheckedBody } from './read-body.ts'
import type { Outcome } from './respond.ts'
import type { Rewrite } from './rewrite.ts'
import type { Onward, Trip } from './trip.ts'

/**
 * The way of a request to a platform of another OCPI version, from where its receiver is known. It is one of its own, so that messages
 * between equal versions pay for a comparison and nothing else.
 */
export function createBetweenVersions(ports: {
  readonly translate: Translate
  readonly read: (trip: Trip) => CheckedBody | Promise<CheckedBody>
  readonly rewrite: Rewrite
  readonly forward: Forward
}): (trip: Trip, onward: Onward) => Promise<Outcome> {
  const { translate, read, rewrite, forward } = ports

  return async function betweenVersions(trip, onward) {
    const gap = translate.gap({
      ...onward,
      version: trip.caller.platform.version,
      receiver: onward.destination.platform,
    })
    if (gap !== null) return { kind: 'refused', refusal: { kind: 'unknown-receiver', detail: gap } }
    const body = await read(trip)
    trip.body = body
    if (body.kind === 'refused') return body
    if (body.kind === 'stream') throw new Error('Expected the body to be read whole, got a stream')
    const rewritten = await rewrite(trip, onward, body)
    if (rewritten.kind === 'refused') return rewritten
    const { request } = rewritten
    const carriage = carriageOf(trip, onward, request.path.slice(onward.path.length))
    const translated = await translate.request(carriage, request.body instanceof Uint8Array ? request.body : NOTHING)
    if (translated.kind !== 'same') throw new Error(`Expected what can be carried, got ${translated.kind}`)
    return await forward(onward.destination.platform.id, trip.caller.platform.id, request)
  }
}

const NOTHING = new Uint8Array(0)

function carriageOf({ caller, message }: Trip, onward: Onward, query: string): Carriage {
  const { module, interfaceRole, rest, destination, from, to, kind } = onward
  const { platform } = caller
  return {
    module,
    interfaceRole,
    method: message.method,
    rest,
    query,
    version: platform.version,
    caller: platform,
    receiver: destination.platform,
    from,
    to,
    isLed: kind === 'via',
  }
}
