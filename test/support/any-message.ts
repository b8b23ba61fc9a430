import type { MessageFilter } from '../../src/hub/message/message-query.ts'

/** Leaves every filter of a search out. */
export const ANY_MESSAGE: MessageFilter = {
  correlationId: null,
  platformId: null,
  party: null,
  module: null,
  kind: null,
  outcome: null,
  requestId: null,
  objectKey: null,
  client: null,
  httpStatus: null,
  ocpiStatus: null,
  since: null,
  until: null,
}
