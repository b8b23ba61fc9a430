import type { HandshakeCall } from '../hub/administration/handshake-attempts.ts'
import { adviceOfField } from '../hub/administration/handshake-causes.ts'
import { ofAnotherVersion } from '../hub/corridor/url-version.ts'
import type { Register, Registered } from '../hub/registration/register.ts'
import { type BusinessDetails, faultInCredentials, hubCredentials, parseCredentials } from '../ocpi/credentials.ts'
import { parseJson } from '../ocpi/envelope.ts'
import type { Party } from '../ocpi/party.ts'
import { STATUS } from '../ocpi/status.ts'
import type { ConfigurationModule, ConfigurationRequest, Methods } from './configuration.ts'
import type { ConfigurationResult } from './configuration-result.ts'

/** The credentials module of one version [credentials: Interfaces and endpoints]. */
export function credentialsModule(of: {
  readonly version: string
  readonly versionsUrl: string
  readonly hub: Party
  readonly business: BusinessDetails
  readonly register: Register
}): ConfigurationModule {
  const { version, versionsUrl, hub, business, register } = of
  const own = (token: string) => hubCredentials({ token, versionsUrl, hub, business })

  async function take(method: 'POST' | 'PUT', request: ConfigurationRequest): Promise<ConfigurationResult> {
    const json = parseJson(request.body)
    if (json === undefined) return { kind: 'refused', refusal: { kind: 'not-json', detail: 'The body must be JSON' } }
    const credentials = faultInCredentials(request.body) ?? parseCredentials(json)
    if (credentials.kind === 'problem') {
      const { detail } = credentials
      return {
        kind: 'refused',
        refusal: { kind: 'invalid', detail },
        handshake: { calls: [], advice: adviceOfField(detail) },
      }
    }
    const calls: HandshakeCall[] = []
    const by = { ...request, onCall: (call: HandshakeCall) => void calls.push(call) }
    const registered = await register.register(method, by, version, credentials.value)
    const handshake = { calls, advice: registered.advice }
    if (registered.kind !== 'registered') return { ...failed(registered), handshake }
    const { token, remarks } = registered
    return { kind: 'data', data: own(token), ...(remarks !== null && { statusMessage: remarks }), handshake }
  }

  const GET: Methods[string] = async ({ caller }) => ({ kind: 'data', data: own(caller.token) })
  /** Only PUT may come from a platform that speaks another version: it takes this one by it [credentials: PUT Method]. */
  const inItsVersion =
    (handle: Methods[string]): Methods[string] =>
    async (request) => {
      const refusal = ofAnotherVersion(request.caller.platform, version)
      return refusal ? { kind: 'refused', refusal } : handle(request)
    }
  return {
    module: 'credentials',
    methods: {
      GET: inItsVersion(GET),
      PUT: (request) => take('PUT', request),
      DELETE: inItsVersion(async (request) => {
        await register.unregister(request)
        return { kind: 'data' }
      }),
    },
    methodsBeforeRegistration: { GET, POST: (request) => take('POST', request) },
  }
}

function failed(result: Exclude<Registered, { kind: 'registered' }>): ConfigurationResult {
  switch (result.kind) {
    case 'unauthenticated':
      return { kind: 'refused', refusal: { kind: 'unauthenticated' } }
    case 'too-many':
      return { kind: 'refused', refusal: { kind: 'too-many-requests', retryAfterSeconds: result.retryAfterSeconds } }
    case 'invalid':
      return { kind: 'refused', refusal: { kind: 'invalid', detail: result.detail } }
    case 'unable-to-use-api':
      return { kind: 'data', code: STATUS.unableToUseApi, statusMessage: result.detail }
    case 'unsupported-version':
      return { kind: 'data', code: STATUS.unsupportedVersion, statusMessage: result.detail }
    case 'no-matching-endpoints':
      return { kind: 'data', code: STATUS.noMatchingEndpoints, statusMessage: result.detail }
  }
}
