import type { Register, Registered } from '../hub/registration/register.ts'
import { type BusinessDetails, faultInCredentials, hubCredentials, parseCredentials } from '../ocpi/credentials.ts'
import { parseJson } from '../ocpi/envelope.ts'
import type { Party } from '../ocpi/party.ts'
import { STATUS } from '../ocpi/status.ts'
import type { ConfigurationModule, ConfigurationRequest, ConfigurationResult, Methods } from './configuration.ts'

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
    if (credentials.kind === 'problem')
      return { kind: 'refused', refusal: { kind: 'invalid', detail: credentials.detail } }
    const registered = await register.register(method, request, version, credentials.value)
    if (registered.kind !== 'registered') return failed(registered)
    const { token, remarks } = registered
    return { kind: 'data', data: own(token), ...(remarks !== null && { statusMessage: remarks }) }
  }

  const GET: Methods[string] = async ({ caller }) => ({ kind: 'data', data: own(caller.token) })
  return {
    module: 'credentials',
    methods: {
      GET,
      PUT: (request) => take('PUT', request),
      DELETE: async (request) => {
        await register.unregister(request)
        return { kind: 'data' }
      },
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
