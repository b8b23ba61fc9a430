import { request } from 'undici'
import type { PartyName } from '../../sandbox/party/objects.ts'

/** The hub's administration as the demo uses it. Every call rejects unless it succeeds. */
export type Admin = {
  /** Adds a platform, its party announced, and gives what it needs to register. */
  readonly addPlatform: (
    name: string,
    party: PartyName & { role: string },
  ) => Promise<{ id: string; versionsUrl: string; token: string }>
  readonly getPlatform: (id: string) => Promise<PlatformView>
  /** Changes how a platform is delivered what is broadcast. */
  readonly changeDelivery: (
    id: string,
    delivery: { readonly concurrency?: number; readonly after_offline?: 'none' | 'resync' },
  ) => Promise<void>
  /** Asks a platform for a sign of life now. Gives whether it came. */
  readonly checkPlatform: (id: string) => Promise<boolean>
  /** Notes that two parties agreed to talk. */
  readonly allow: (a: PartyName, b: PartyName) => Promise<void>
  /** Why a platform was not sent an object that was broadcast, as the message log says; undefined: it does not. */
  readonly whyWithheld: (id: string, object: string) => Promise<string | undefined>
  readonly listQueues: () => Promise<readonly QueueView[]>
  /** Makes a link that opens the console signed in, at its last hour, once and within five minutes. */
  readonly signInLink: () => Promise<string>
  /** Forgets all platforms and rules. */
  readonly reset: () => Promise<void>
}

export type PlatformView = {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly version: string | null
  readonly parties: readonly (PartyName & { readonly role: string; readonly status: string })[]
  readonly endpoints: readonly { readonly identifier: string; readonly role: string; readonly url: string }[]
}

export type QueueView = {
  readonly platform_id: string
  readonly waiting: number
  readonly in_flight: number
  readonly oldest_age_seconds: number | null
  readonly delivered: number
  readonly collapsed: number
  readonly missed: number
  readonly paused: boolean
  readonly pause_cause: string | null
}

export function createAdmin(hubUrl: string, token: string): Admin {
  const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown> => {
    const answer = await request(`${hubUrl}/admin/api${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`${method} /admin/api${path} gave HTTP ${answer.statusCode}: ${text}`)
    return text === '' ? null : JSON.parse(text)
  }
  const removeAll = async (list: string): Promise<void> => {
    for (;;) {
      const page = (await call('GET', list)) as { id: string }[]
      if (page.length === 0) return
      for (const { id } of page) await call('DELETE', `${list}/${id}`)
    }
  }
  return {
    addPlatform: async (name, party) => {
      const made = await call('POST', '/platforms', { name, parties: [party] })
      const { id, registration } = made as { id: string; registration: { token: string; versions_url: string } }
      return { id, versionsUrl: registration.versions_url, token: registration.token }
    },
    getPlatform: async (id) => (await call('GET', `/platforms/${id}`)) as PlatformView,
    changeDelivery: async (id, delivery) => void (await call('PATCH', `/platforms/${id}`, { delivery })),
    checkPlatform: async (id) => {
      const { is_alive } = (await call('POST', `/platforms/${id}/check`)) as { is_alive: boolean }
      return is_alive
    },
    allow: async (a, b) => void (await call('POST', '/agreements', { a, b, effect: 'allow' })),
    whyWithheld: async (id, object) => {
      const found = await call('GET', `/messages?platform_id=${id}&object=${object}&kind=delivery`)
      const deliveries = found as { failure: string | null; detail: string | null }[]
      return deliveries.find(({ failure }) => failure === 'withheld')?.detail ?? undefined
    },
    listQueues: async () => (await call('GET', '/queues')) as QueueView[],
    signInLink: async () => {
      const { path } = (await call('POST', '/session/tickets')) as { path: string }
      return `${hubUrl}${path}&next=${encodeURIComponent('/admin?window=1h')}`
    },
    reset: async () => {
      await removeAll('/platforms')
      await removeAll('/agreements')
    },
  }
}
