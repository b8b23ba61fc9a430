import { request } from 'undici'
import { type Partner, type PartnerOptions, startPartner } from './partner.ts'

/** What a test does with a hub that runs somewhere on loopback. */
export type HubClient = {
  readonly url: string
  readonly versionsUrl: string
  /** Calls the admin API under `/admin/api`. */
  readonly admin: (method: string, path: string, body?: unknown) => Promise<AdminAnswer>
  /** Makes a platform and returns its id and registration token. */
  readonly createPlatform: (body: Record<string, unknown>) => Promise<{ id: string; token: string }>
  /** Starts a scripted partner, makes its platform and registers it as a partner would. */
  readonly join: (
    options: PartnerOptions,
    platform?: Record<string, unknown>,
  ) => Promise<Partner & { platformId: string }>
  /** Ends every partner that joined. */
  readonly closePartners: () => Promise<void>
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers are read as JSON by tests that assert on them
type AdminAnswer = { readonly status: number; readonly headers: Record<string, unknown>; readonly body: any }

/** @param around stands between the tests and the admin API */
export function createHubClient(
  url: string,
  adminToken: string,
  around = (admin: HubClient['admin']): HubClient['admin'] => admin,
): HubClient {
  const partners: Partner[] = []
  const versionsUrl = `${url}/ocpi/versions`

  const admin = around(async (method, path, body): Promise<AdminAnswer> => {
    const answer = await request(`${url}/admin/api${path}`, {
      method: method as 'GET',
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await answer.body.text()
    return { status: answer.statusCode, headers: answer.headers, body: text === '' ? null : JSON.parse(text) }
  })

  async function createPlatform(body: Record<string, unknown>): Promise<{ id: string; token: string }> {
    const answer = await admin('POST', '/platforms', body)
    if (answer.status !== 201) throw new Error(`creating a platform: ${answer.status} ${JSON.stringify(answer.body)}`)
    return { id: answer.body.id, token: answer.body.registration.token }
  }

  return {
    url,
    versionsUrl,
    admin,
    createPlatform,
    async join(options, platform = {}) {
      const partner = await startPartner(options)
      partners.push(partner)
      const { id, token } = await createPlatform({ name: options.name, ...platform })
      await partner.register({ versionsUrl, token })
      return Object.assign(partner, { platformId: id })
    },
    async closePartners() {
      await Promise.all(partners.map((partner) => partner.close()))
    },
  }
}

/** The path below `/admin/api` that the Link header of a list leads to; undefined at its end. */
export function nextPage({ headers: { link } }: { readonly headers: Record<string, unknown> }): string | undefined {
  return /^<\/admin\/api(.+)>; rel="next"$/.exec(typeof link === 'string' ? link : '')?.[1]
}
