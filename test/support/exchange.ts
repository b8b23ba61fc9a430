import type { Exchange } from '../../src/hub/message/exchange.ts'

/** An exchange with nothing special about it but what is given. */
export function exchange(parts: Partial<Exchange> = {}): Exchange {
  return {
    at: Date.UTC(2026, 0, 1),
    kind: 'direct',
    correlationId: 'correlation',
    requestId: 'request',
    forwardedRequestId: 'forwarded',
    fromPlatformId: 'cpo-platform',
    toPlatformId: 'msp-platform',
    fromParty: 'NL-CPO',
    toParty: 'DE-MSP',
    module: 'locations',
    interfaceRole: 'SENDER',
    method: 'GET',
    path: '/ocpi/2.2.1/locations?limit=5',
    forwardedUrl: 'https://partner.example/locations?limit=5',
    httpStatus: 200,
    receiverStatus: null,
    ocpiStatus: 1000,
    durationMs: 12.5,
    receiverMs: 11.25,
    requestBytes: 0,
    responseBytes: 2,
    requestHeaders: ['Accept', 'application/json'],
    responseHeaders: ['Content-Type', 'application/json'],
    requestBody: null,
    responseBody: bytes('{}'),
    failure: null,
    detail: null,
    changes: null,
    conversion: null,
    secondLeg: null,
    ledId: null,
    client: null,
    ...parts,
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
