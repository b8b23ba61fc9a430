/** OCPI status codes that the hub itself answers with [status_codes]. */
export const STATUS = {
  success: 1000,
  clientError: 2000,
  invalidParameters: 2001,
  notEnoughInformation: 2002,
  unknownToken: 2004,
  serverError: 3000,
  unableToUseApi: 3001,
  unsupportedVersion: 3002,
  noMatchingEndpoints: 3003,
  hubError: 4000,
  unknownReceiver: 4001,
  timeout: 4002,
  connectionProblem: 4003,
} as const

/** `status_message` of a success of the hub's own: some client libraries fail where there is none. */
export const SUCCESS_MESSAGE = 'Success'
