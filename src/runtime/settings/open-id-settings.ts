import { ADMIN_ROLES, type AdminRole } from '../../hub/administration/author.ts'
import type { OpenIdSettings } from '../shared/open-id.ts'
import type { createSettingReader } from './setting-reader.ts'

/** How to sign in at an identity provider; null where none is set. */
export function readOpenId(read: ReturnType<typeof createSettingReader>): OpenIdSettings | null {
  const isText = (text: string) => /^[\x21-\x7E]{1,500}$/.test(text)
  const needed = {
    OIDC_ISSUER: read.text('OIDC_ISSUER', null, 'an https URL, or http at localhost', isIssuer),
    OIDC_CLIENT_ID: read.text('OIDC_CLIENT_ID', null, 'the client ID that the provider gave', isText),
    OIDC_CLIENT_SECRET: read.text('OIDC_CLIENT_SECRET', null, 'the secret that the provider gave', isText, 'secret'),
    OIDC_ROLES: read.parsed('OIDC_ROLES', null, 'pairs such as hub-owners=owner,noc=operator', parseRoles),
  }
  const roleClaim = read.text('OIDC_ROLE_CLAIM', 'roles', 'the name of a claim', isText)
  const scope = read.text(
    'OIDC_SCOPE',
    'openid profile email',
    'scopes, openid among them, with blanks between',
    isScope,
  )
  const missing = Object.entries(needed).filter(([, value]) => value === null)
  if (missing.length === Object.keys(needed).length) return null
  for (const [name] of missing)
    if (!read.malformed.has(name)) read.refuse(name, `${name} is missing: the other settings of the provider need it`)
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, OIDC_ROLES: roles } = needed
  if (issuer === null || clientId === null || clientSecret === null || roles === null) return null
  return Object.freeze({ issuer, clientId, clientSecret, scope, roleClaim, roles })
}

function isIssuer(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.search !== '' || url.hash !== '') return false
  return (
    url.protocol === 'https:' || (url.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname))
  )
}

function isScope(text: string): boolean {
  return /^[\x21-\x7E]+( [\x21-\x7E]+)*$/.test(text) && text.length <= 500 && text.split(' ').includes('openid')
}

/** `hub-owners=owner,noc=operator`: what a value of the claim is here. */
function parseRoles(text: string): Readonly<Record<string, AdminRole>> | null {
  const roles: Record<string, AdminRole> = Object.create(null)
  for (const pair of text.split(',')) {
    const at = pair.lastIndexOf('=')
    const role = ADMIN_ROLES.find((one) => one === pair.slice(at + 1).trim())
    if (at < 1 || role === undefined) return null
    roles[pair.slice(0, at).trim()] = role
  }
  return roles
}
