export type Words = {
  readonly title: string
  /** What to do about it, for whoever brings a partner on board. `{name}` stands for a value of the case. */
  readonly advice: string
  /** Of the OCPI specification; null where it says nothing about it. */
  readonly chapter: string | null
}

const AUTHORIZATION = 'transport_and_format: Authorization header'
const REGISTRATION = 'credentials: Registration'
const SECURITY = 'transport_and_format: Security and authentication'
const VERSIONS = 'version_information_endpoint'
const CREDENTIALS = 'credentials: Credentials object'

/** Why a call or a handshake failed, and what helps: every text of it there is. */
export const HANDSHAKE_ADVICE = {
  'token-missing': {
    title: 'The call brings no token',
    advice: 'Send `Authorization: Token <Base64 of the token>` with every request.',
    chapter: AUTHORIZATION,
  },
  'token-unknown': {
    title: 'The hub does not know this token',
    advice:
      'Compare its fingerprint {fingerprint} with the one shown where the registration token was made. When they differ, another token was sent, an older one or that of another system.',
    chapter: AUTHORIZATION,
  },
  'token-base64-twice': {
    title: 'The token was encoded in Base64 more than once',
    advice: 'Encode it once. Many HTTP libraries and configuration pages do it by themselves.',
    chapter: AUTHORIZATION,
  },
  'token-scheme': {
    title: 'The token comes under the scheme {scheme}, not Token',
    advice: 'Write `Authorization: Token <Base64 of the token>`.',
    chapter: AUTHORIZATION,
  },
  'token-decorated': {
    title: 'The token carries quotes, spaces or a line end',
    advice: 'Take it exactly as it was given. In a shell `printf %s`, not `echo`, makes no line end.',
    chapter: AUTHORIZATION,
  },
  'token-cut': {
    title: 'The token is cut, or differs at its end',
    advice:
      'It begins as one of the hub’s and has {length} characters instead of 43. Look for a field that is too short.',
    chapter: AUTHORIZATION,
  },
  'token-strict': {
    title: 'The token is right, the way it is written is not',
    advice:
      'This platform is held to `Token <Base64 with padding>`, in OCPI 2.1.1 `Token <the token as it is>`, one space and nothing else. Or let go of strict_authorization.',
    chapter: AUTHORIZATION,
  },
  'token-used': {
    title: 'The registration token was used already, on {date}',
    advice: 'From then on the token in the answer counts. If that was lost, make a new registration token.',
    chapter: REGISTRATION,
  },
  'token-expired': {
    title: 'The registration token ended on {date}',
    advice: 'Make a new registration token.',
    chapter: null,
  },
  'token-replaced': {
    title: 'This token was replaced on {date}',
    advice: 'Use the newest one: of the last answer to credentials, or the registration token made last.',
    chapter: 'credentials: PUT Method',
  },
  'token-ended': {
    title: 'The connection of this token ended on {date}',
    advice: 'Make a new registration token when the partner is to come back.',
    chapter: 'credentials: DELETE Method',
  },
  'token-swapped': {
    title: 'This is the token that the partner gave to the hub',
    advice: 'Both tokens are swapped: call the hub with the token that it sent in its own credentials.',
    chapter: REGISTRATION,
  },
  'token-admin': {
    title: 'This is a token of the hub’s administrators',
    advice: 'Whoever called has it: make a new administrator token now, and give the partner its registration token.',
    chapter: null,
  },
  'path-version': {
    title: 'The hub does not serve version {version}',
    advice: 'Read `/ocpi/versions` and go on with the URLs that it lists.',
    chapter: VERSIONS,
  },
  'path-unknown': {
    title: 'There is nothing at this path',
    advice: 'Take the URLs from the version details, `{path}` is none of them.',
    chapter: VERSIONS,
  },
  'too-early': {
    title: '{module} was called before the registration',
    advice: 'A registration token opens versions and credentials only: POST the credentials first.',
    chapter: REGISTRATION,
  },
  'method-405': {
    title: '{method} is not for this state of the registration',
    advice:
      'POST registers, once, with a registration token. From then on PUT replaces the credentials, with the token of the answer.',
    chapter: 'credentials: POST Method',
  },
  'not-json': {
    title: 'The body of the credentials is no JSON',
    advice: 'Send the credentials object as JSON in UTF-8: {detail}.',
    chapter: 'transport_and_format: JSON / HTTP implementation guide',
  },
  field: {
    title: 'A field of the credentials is not as it has to be',
    advice: '{detail}.',
    chapter: CREDENTIALS,
  },
  'role-unknown': {
    title: 'The credentials name no role that a party may have',
    advice: '{detail}.',
    chapter: 'types: Role',
  },
  'roles-many': {
    title: 'The credentials bring more roles than the platform may have',
    advice: '{detail}. An administrator may raise most_roles of the platform.',
    chapter: null,
  },
  'party-taken': {
    title: 'A party belongs to another platform',
    advice: '{detail}. If the party has moved, an administrator of the hub moves it.',
    chapter: null,
  },
  'party-not-expected': {
    title: 'Registered, but roles came that nobody announced',
    advice: '{detail}. An administrator confirms or refuses them.',
    chapter: null,
  },
  'party-is-hub': {
    title: 'The credentials name the hub’s own party',
    advice: 'The partner has to send its own parties, not those of the hub’s answer.',
    chapter: CREDENTIALS,
  },
  'url-http': {
    title: 'The URL is http',
    advice: '{url} has to be https: the hub calls nothing else.',
    chapter: SECURITY,
  },
  'url-private': {
    title: 'The URL leads to an address that is not public',
    advice: '{url}: give a name and an address that are reached from the Internet.',
    chapter: null,
  },
  'url-hub': {
    title: 'The URL leads back to the hub',
    advice: '{url} is the hub’s own. Give the partner’s versions URL.',
    chapter: CREDENTIALS,
  },
  'url-unusable': {
    title: 'The hub cannot use the URL',
    advice: '{detail}.',
    chapter: CREDENTIALS,
  },
  dns: {
    title: 'The name of the host leads to no address',
    advice: 'Check the spelling of {url}. Names of an internal network are not known outside of it.',
    chapter: null,
  },
  refused: {
    title: 'Nothing listens at the URL',
    advice: '{url} refuses connections: check its port, and firewalls that know the addresses they let in.',
    chapter: null,
  },
  timeout: {
    title: 'No answer in time',
    advice: '{url}: {detail}. A firewall that drops the hub’s calls in silence looks like that.',
    chapter: null,
  },
  'tls-expired': {
    title: 'The certificate has expired',
    advice: 'Renew it. To see its dates: {openssl} | openssl x509 -noout -dates',
    chapter: SECURITY,
  },
  'tls-name': {
    title: 'The certificate is for another name',
    advice: 'It has to name the host of {url}. To see its names: {openssl} | openssl x509 -noout -ext subjectAltName',
    chapter: SECURITY,
  },
  'tls-chain': {
    title: 'Nobody whom the hub trusts vouches for the certificate',
    advice:
      'It is self-signed, of a private authority, or the server does not send its intermediate. To see what it sends: {openssl} -showcerts',
    chapter: SECURITY,
  },
  'tls-version': {
    title: 'No TLS connection could be agreed',
    advice: 'The server has to speak TLS 1.2 or 1.3 at {url}, and not plain HTTP. To see it: {openssl}',
    chapter: SECURITY,
  },
  'no-answer': {
    title: 'The partner could not be reached',
    advice: '{detail}.',
    chapter: null,
  },
  redirect: {
    title: 'The URL redirects to another one',
    advice: '{detail}. Announce the last one.',
    chapter: null,
  },
  'their-401': {
    title: 'The partner refuses the token that it gave',
    advice:
      '{detail}. The hub tries both spellings, Base64 and raw: mostly the token is not active yet, or another one.',
    chapter: AUTHORIZATION,
  },
  'their-404': {
    title: 'There is nothing at the partner’s URL',
    advice: '{url} answers 404: give the URL of its versions, not of one version.',
    chapter: VERSIONS,
  },
  'their-no-envelope': {
    title: 'The answer of the partner is no OCPI answer',
    advice: '{detail}. It needs `data`, `status_code` and `timestamp`, as JSON.',
    chapter: 'transport_and_format: Response format',
  },
  'their-status': {
    title: 'The partner says no with {code}',
    advice: '{detail}.',
    chapter: 'status_codes',
  },
  'their-data': {
    title: 'The partner’s answer lacks what the hub needs',
    advice: '{detail}.',
    chapter: VERSIONS,
  },
  'no-version': {
    title: 'No version in common',
    advice: 'The partner offers {offered}, the hub speaks {served}.',
    chapter: VERSIONS,
  },
  'no-endpoint': {
    title: 'The partner offers no module that the hub could use',
    advice: 'Its version details have to list functional modules, such as locations.',
    chapter: VERSIONS,
  },
  'endpoint-role': {
    title: 'The role of an endpoint is missing or wrong',
    advice: '{detail}. SENDER owns the data, RECEIVER is sent it.',
    chapter: VERSIONS,
  },
  'endpoint-url': {
    title: 'The URL of an endpoint may not be called',
    advice: '{detail}.',
    chapter: VERSIONS,
  },
  'answer-lost': {
    title: 'Nobody knows whether the partner took the credentials',
    advice: '{detail}. Ask the partner; then connect anew, with a new registration token of theirs after a POST.',
    chapter: 'credentials',
  },
  abandoned: {
    title: 'The handshake was not finished',
    advice: 'No call since {date}, at step {step}. Ask the partner.',
    chapter: REGISTRATION,
  },
  'too-many': {
    title: 'Too many handshakes at once',
    advice: 'Wait for the answer of one before the next.',
    chapter: null,
  },
} as const satisfies Record<string, Words>

export type AdviceKey = keyof typeof HANDSHAKE_ADVICE

export const ADVICE_KEYS = Object.keys(HANDSHAKE_ADVICE) as readonly AdviceKey[]
