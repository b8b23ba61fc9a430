import { request } from 'undici'
import type { PartyName } from './objects.ts'

/** The hub's administration as the demo uses it. Every call rejects unless it succeeds. */
export type Admin = {
  /** Adds a platform, its party announced, and gives what it needs to register. */
  readonly addPlatform: (
    name: string,
    party: PartyName & { role: string },
  ) => Promise<{ id: string; versionsUrl: string; token: string }>
  readonly getPlatform: (id: string) => Promise<PlatformView>
  /** Forgets all platforms. Gives how many there were. */
  readonly removePlatforms: () => Promise<number>
}

export type PlatformView = {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly version: string | null
  readonly parties: readonly (PartyName & { readonly role: string; readonly status: string })[]
  readonly endpoints: readonly { readonly identifier: string; readonly role: string; readonly url: string }[]
}

export function createAdmin(hubUrl: string, token: string): Admin {
  const call = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> => {
    const answer = await request(`${hubUrl}/admin/api${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`${method} /admin/api${path} gave HTTP ${answer.statusCode}: ${text}`)
    return text === '' ? null : JSON.parse(text)
  }
  return {
    addPlatform: async (name, party) => {
      const made = await call('POST', '/platforms', { name, parties: [party] })
      const { id, registration } = made as { id: string; registration: { token: string; versions_url: string } }
      return { id, versionsUrl: registration.versions_url, token: registration.token }
    },
    getPlatform: async (id) => (await call('GET', `/platforms/${id}`)) as PlatformView,
    removePlatforms: async () => {
      for (let removed = 0; ; ) {
        const page = (await call('GET', '/platforms')) as PlatformView[]
        if (page.length === 0) return removed
        for (const { id } of page) await call('DELETE', `/platforms/${id}`)
        removed += page.length
      }
    },
  }
}
