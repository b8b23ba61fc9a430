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
  /** Of them, those spent on parsing. */
  readonly parsingMs: number
  readonly pages: number
  readonly objects: number
  /** Objects of different names. */
  readonly different: number
}

type Listed = { readonly country_code: string; readonly party_id: string; readonly id: string }

const dispatcher = new Agent()

/** As a party reads lists: each page is parsed when it has come, and then the next one is asked for. */
async function read({ urls, headers }: ReadJob): Promise<ReadResult> {
  const names: string[] = []
  let pages = 0
  let parsingMs = 0
  const startedAt = nowMs()
  for (const first of urls) {
    for (let url: string | undefined = first; url; ) {
      const answer: Awaited<ReturnType<typeof request>> = await request(url, { headers, dispatcher })
      const bytes = await answer.body.bytes()
      const parsingAt = nowMs()
      for (const { country_code, party_id, id } of parseList(bytes)) names.push(`${country_code} ${party_id} ${id}`)
      parsingMs += nowMs() - parsingAt
      pages += 1
      url = /<([^>]+)>; *rel="?next/i.exec(String(answer.headers['link'] ?? ''))?.[1]
    }
  }
  const ms = nowMs() - startedAt
  // Told apart when the clock has stopped: no party would do it.
  return { ms, parsingMs, pages, objects: names.length, different: new Set(names).size }
}

function parseList(bytes: Uint8Array): readonly Listed[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
  const { data, status_code } = JSON.parse(text) as { data: readonly Listed[]; status_code: number }
  if (status_code !== 1000) throw new Error(text.slice(0, 300))
  return data
}

answerQuestions<ReadJob>(read)
