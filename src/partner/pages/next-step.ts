import { type Html, html } from '../../admin/console/parts/html.ts'
import { day } from '../../admin/console/parts/time.ts'
import { DAY_MS } from '../../hub/moments.ts'
import type { PlatformRecord } from '../../hub/network/registry.ts'

type Of = {
  /** Where partners reach the hub. */
  readonly publicUrl: string
  readonly now: number
  /** Objects and pushes that it will not get. */
  readonly missed: number
}

/** A certificate is renewed in good time. */
const CERTIFICATE_SOON_MS = 14 * DAY_MS

/** What the partner has to do now, if anything. */
export function nextStep(platform: PlatformRecord, of: Of): Html {
  return html`<div class="pad stack">${certificate(platform, of)}${byStatus(platform, of)}</div>`
}

function byStatus(platform: PlatformRecord, of: Of): Html {
  switch (platform.status) {
    case 'PLANNED':
      if (platform.hasCredentials && platform.awaitsCheck)
        return html`<p>Your credentials are exchanged. You go live once the connection check finds nothing to mend: <a href="/partner/check">see what it found, and run it again</a>.</p>`
      return platform.hasCredentials
        ? html`<p>Your credentials are exchanged. The administrators of the hub let you go live; there is nothing to do for you until then.</p>`
        : register(platform, of)
    case 'OFFLINE':
      return html`<p>The hub could not reach you: <b>${platform.statusCause}</b>. It asks your versions URL again and again; you are CONNECTED as soon as that is answered, or when you send a message.</p>
${missedNote(of)}`
    case 'SUSPENDED':
      return html`<p>You are suspended, and the hub passes nothing on. Ask its administrators what for, and how you come back.</p>${platform.registrationExpiresAt !== null && platform.registrationExpiresAt > of.now ? register(platform, of) : ''}`
    case 'CONNECTED':
      return html`<p>You are connected. Send <code>OCPI-from-*</code> and <code>OCPI-to-*</code> with every request; what comes of it stands in <a href="/partner/messages">Messages</a>.</p>
${missedNote(of)}`
  }
}

/** The way through the handshake, for who has a registration token. */
function register(
  { registrationExpiresAt, registrationFingerprint, parties }: PlatformRecord,
  { publicUrl, now }: Of,
): Html {
  if (registrationExpiresAt === null || registrationExpiresAt <= now)
    return html`<p>No registration token is open for you: it was used, or it ended. Ask the administrators of the hub for a new one.</p>`
  const print = registrationFingerprint
    ? html` Its fingerprint is <span class="mono">${registrationFingerprint}</span>; a call that fails shows that of the token it brought.`
    : ''
  const roles = parties.map(({ countryCode, partyId, role }) => `${countryCode}-${partyId} ${role}`).join(', ')
  return html`<p>Register with the token from your invitation, before ${day(new Date(registrationExpiresAt).toISOString())}.${print}</p>
<ol class="plain-list"><li>GET <span class="mono">${publicUrl}/ocpi/versions</span> with <code>Authorization: Token &lt;Base64 of the token&gt;</code>.</li>
<li>GET the URL of the best version there that you speak.</li>
<li>POST your credentials to the credentials endpoint: your token for the hub, your versions URL, your roles${roles === '' ? '' : html` (<span class="mono">${roles}</span>)`}. The hub calls your versions URL while you wait for the answer: it must be https, public, with a valid certificate.</li></ol>
<p>The answer holds the token that you use from then on.</p>`
}

function missedNote({ missed }: Of): Html | '' {
  if (missed === 0) return ''
  return html`<p class="note warn">You missed pushes, which the hub does not send again by itself: <a href="/partner/missed">see which, and why</a>.</p>`
}

function certificate({ certificateEndsAt }: PlatformRecord, { now }: Of): Html | '' {
  if (certificateEndsAt === null || certificateEndsAt > now + CERTIFICATE_SOON_MS) return ''
  const verb = certificateEndsAt > now ? 'ends' : 'ended'
  return html`<p class="note warn">The certificate of your server ${verb} on ${day(new Date(certificateEndsAt).toISOString())}: renew it.</p>`
}
