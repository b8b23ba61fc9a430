import type { Configuration, IDToken, UserInfoResponse } from 'openid-client'
import { ADMIN_ROLES, type AdminRole } from '../../hub/administration/author.ts'
import type { IdentityProvider } from '../../hub/administration/identity-provider.ts'
import type { Now, Secrets } from '../../hub/ports.ts'

/** How to reach the identity provider, and what its word means here. */
export type OpenIdSettings = {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope: string
  /** Name of the claim that holds the roles, or the way to it: `realm_access.roles`. */
  readonly roleClaim: string
  /** What a value of the claim is here. */
  readonly roles: Readonly<Record<string, AdminRole>>
}

const TIMEOUT_S = 10
/** From being sent to the provider to being back. */
const SIGN_IN_WITHIN_MS = 600_000
/** What the provider says of itself is read anew after an hour. */
const DISCOVERED_FOR_MS = 3_600_000

type Kept = { readonly state: string; readonly nonce: string; readonly verifier: string; readonly until: number }

/** Signs people in by authorization code with PKCE, state and nonce. The library is loaded when somebody signs in. */
export function createOpenId(
  settings: OpenIdSettings,
  redirectUri: string,
  { seal, open, now }: Pick<Secrets, 'seal' | 'open'> & { readonly now: Now },
): IdentityProvider {
  let known: { readonly configuration: Configuration; readonly at: number } | null = null

  async function discovered(): Promise<Configuration> {
    if (known !== null && now() - known.at < DISCOVERED_FOR_MS) return known.configuration
    const configuration = await discover(settings)
    known = { configuration, at: now() }
    return configuration
  }

  const { issuer, roleClaim, roles } = settings
  return {
    issuer,
    roleClaim,
    roles,
    async begin() {
      try {
        const client = await import('openid-client')
        const configuration = await discovered()
        const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()]
        const url = client.buildAuthorizationUrl(configuration, {
          redirect_uri: redirectUri,
          scope: settings.scope,
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          state,
          nonce,
        })
        const kept: Kept = { state, nonce, verifier, until: now() + SIGN_IN_WITHIN_MS }
        return { kind: 'begun', url: url.href, kept: seal(JSON.stringify(kept)) }
      } catch {
        return { kind: 'failed', detail: 'The identity provider cannot be asked now' }
      }
    },

    async finish(search, text) {
      const kept = readKept(open, text)
      if (kept === null || kept.until < now()) return { kind: 'refused', detail: 'Sign in anew: this took too long' }
      const client = await import('openid-client')
      try {
        const configuration = await discovered()
        const tokens = await client.authorizationCodeGrant(configuration, new URL(redirectUri + search), {
          pkceCodeVerifier: kept.verifier,
          expectedState: kept.state,
          expectedNonce: kept.nonce,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (!claims) return { kind: 'failed', detail: 'The identity provider says nothing of who signed in' }
        const isTold = valueAt(claims, settings.roleClaim) !== undefined
        const all = isTold ? claims : { ...(await userInfo(configuration, tokens.access_token, claims.sub)), ...claims }
        const role = roleOf(all, settings)
        return role === null ? { kind: 'no-role' } : { kind: 'known', admin: { ...personOf(claims, all), role } }
      } catch (error) {
        // The words of the browser and of the provider are not repeated: whoever sends the browser here may choose them.
        return isAway(error)
          ? { kind: 'failed', detail: 'The identity provider cannot be asked now' }
          : { kind: 'refused', detail: 'The identity provider did not let you in' }
      }
    },
  }
}

async function discover({ issuer, clientId, clientSecret }: OpenIdSettings): Promise<Configuration> {
  const client = await import('openid-client')
  const url = new URL(issuer)
  const options = {
    timeout: TIMEOUT_S,
    ...(url.protocol === 'http:' && { execute: [client.allowInsecureRequests] }),
  }
  // Basic is what clients are registered for unless somebody says otherwise [OpenID Connect Discovery 1.0, 3].
  const configuration = await client.discovery(
    url,
    clientId,
    clientSecret,
    client.ClientSecretBasic(clientSecret),
    options,
  )
  const { token_endpoint_auth_methods_supported: methods } = configuration.serverMetadata()
  if (methods === undefined || methods.includes('client_secret_basic')) return configuration
  return client.discovery(url, clientId, clientSecret, client.ClientSecretPost(clientSecret), options)
}

async function userInfo(configuration: Configuration, accessToken: string, subject: string) {
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return {}
  const client = await import('openid-client')
  return client.fetchUserInfo(configuration, accessToken, subject)
}

function readKept(open: Secrets['open'], text: string): Kept | null {
  try {
    return JSON.parse(open(text)) as Kept
  } catch {
    return null
  }
}

/** Whether an answer is missing. Any other error is about what the provider, or the browser, said. */
function isAway(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && 'code' in error && error.code === 'OAUTH_TIMEOUT')
}

type Claims = Readonly<Record<string, unknown>>

/** The highest of the roles that the claims give. */
function roleOf(claims: Claims, { roleClaim, roles }: OpenIdSettings): AdminRole | null {
  const value = valueAt(claims, roleClaim)
  const given = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string')
  return ADMIN_ROLES.find((role) => given.some((one) => roles[one] === role)) ?? null
}

/** By the whole name, which may have dots in it, else along the dots. */
function valueAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  return path.split('.').reduce<unknown>((at, name) => (at as Claims | undefined | null)?.[name], claims)
}

function personOf({ iss, sub }: IDToken, claims: IDToken | (UserInfoResponse & IDToken)) {
  const email = shown(claims['email'], 254)
  const name =
    shown(claims['preferred_username'], 90) ?? shown(claims['name'], 90) ?? email?.slice(0, 90) ?? sub.slice(0, 90)
  return { subject: `${iss} ${sub}`, name, email }
}

/** Text that people can be shown, cut to a length; else null. */
function shown(value: unknown, most: number): string | null {
  if (typeof value !== 'string') return null
  const text = value
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .slice(0, most)
  return text === '' ? null : text.toWellFormed()
}
