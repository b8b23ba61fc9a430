import { Agent, request } from 'undici'
import { answerQuestions, nowMs } from './questions.ts'

// Reads lists page by page, following their links, one request at a time: `node list-reader.ts`.

export type ReadJob = {
  /** First pages, read to their end one list after the other. */
  readonly urls: readonly string[]
  readonly headers: Readonly<Record<string, string>>
}

export type ReadResult = {
  readonly ms: number
  readonly bytes: number
  readonly pages: number
  readonly objects: number
  /** Objects of different names. */
  readonly different: number
}

type Listed = { readonly country_code: string; readonly party_id: string; readonly id: string }

const dispatcher = new Agent()

async function read({ urls, headers }: ReadJob): Promise<ReadResult> {
  const pages: ArrayBuffer[] = []
  const startedAt = nowMs()
  for (const first of urls) {
    for (let url: string | undefined = first; url; ) {
      const answer: Awaited<ReturnType<typeof request>> = await request(url, { headers, dispatcher })
      pages.push(await answer.body.arrayBuffer())
      url = /<([^>]+)>; *rel="?next/i.exec(String(answer.headers['link'] ?? ''))?.[1]
    }
  }
  const ms = nowMs() - startedAt
  // Looked at when the clock has stopped.
  const names = new Set<string>()
  let objects = 0
  let bytes = 0
  for (const page of pages) {
    bytes += page.byteLength
    const { data, status_code } = JSON.parse(Buffer.from(page).toString()) as { data: Listed[]; status_code: number }
    if (status_code !== 1000) throw new Error(Buffer.from(page).toString().slice(0, 300))
    objects += data.length
    for (const { country_code, party_id, id } of data) names.add(`${country_code} ${party_id} ${id}`)
  }
  return { ms, bytes, pages: pages.length, objects, different: names.size }
}

answerQuestions<ReadJob>(read)
