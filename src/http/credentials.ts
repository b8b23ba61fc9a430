import type { HandshakeCall } from '../hub/administration/handshake-attempts.ts'
import { adviceOfField } from '../hub/administration/handshake-causes.ts'
import type { Caller } from '../hub/corridor/authenticate.ts'
import { ofAnotherVersion } from '../hub/corridor/url-version.ts'
import type { Register, Registered } from '../hub/registration/register.ts'
import { type CredentialsObject, faultInCredentials } from '../ocpi/credentials.ts'
import { parseJson } from '../ocpi/envelope.ts'
import type { Parsed } from '../ocpi/parsed.ts'
import { STATUS } from '../ocpi/status.ts'
import type { ConfigurationModule, ConfigurationRequest, Methods } from './configuration.ts'
import type { ConfigurationResult } from './configuration-result.ts'

/** The credentials module of one version [credentials: Interfaces and endpoints]. */
export function credentialsModule(of: {
  readonly version: string
  /** The hub's own, with the token that it gives to a platform; `given`: in the place of those that the platform had. */
  readonly own: (caller: Caller, token: string, how: 'shown' | 'given') => object | Promise<object>
  /** Those of a partner, as the version writes them. */
  readonly parse: (data: unknown, caller: Caller) => Parsed<CredentialsObject>
  readonly register: Register
}): ConfigurationModule {
  const { version, own, parse, register } = of

  async function take(method: 'POST' | 'PUT', request: ConfigurationRequest): Promise<ConfigurationResult> {
    const json = parseJson(request.body)
    if (json === undefined) return { kind: 'refused', refusal: { kind: 'not-json', detail: 'The body must be JSON' } }
    const credentials = faultInCredentials(request.body) ?? parse(json, request.caller)
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
    const data = await own(request.caller, token, 'given')
    return { kind: 'data', data, ...(remarks !== null && { statusMessage: remarks }), handshake }
  }

  const GET: Methods[string] = async ({ caller }) => ({ kind: 'data', data: await own(caller, caller.token, 'shown') })
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
