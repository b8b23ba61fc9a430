import { TestRunner } from 'vitest'
import type { HubClient } from './hub-client.ts'

type Admin = HubClient['admin']

/**
 * The admin API, at which a further try of a test finds nothing that an earlier one made: names, parties and receivers would be taken.
 * What the earlier try made through it is deleted before the first call of the further one.
 */
export function forgettingFormerTries(admin: Admin): Admin {
  let current: unknown
  let tries = 0
  /** Below `/admin/api`: `/platforms/…`. */
  let made: string[] = []

  async function forget(path: string): Promise<void> {
    const { body } = await admin('GET', path)
    await admin('DELETE', path)
    // A platform's parties are held for it beyond its end.
    for (const { country_code, party_id } of body?.parties ?? [])
      await admin('POST', `/parties/${country_code}/${party_id}/free`, {})
  }

  return async (method, path, body) => {
    const test = TestRunner.getCurrentTest()
    if (test !== current) {
      current = test
      tries = 0
      made = []
    }
    const before = test?.result?.retryCount ?? 0
    if (before > tries) {
      tries = before
      for (const each of made.splice(0).reverse()) await forget(each)
    }
    const answer = await admin(method, path, body)
    if (method === 'POST' && answer.status === 201 && typeof answer.body?.id === 'string')
      made.push(`${path}/${answer.body.id}`)
    return answer
  }
}
