import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { ApiProblem } from './api.ts'

/** As much as the API takes. */
const MOST_BYTES = 1024 * 1024

/** Refuses forms over 1 MB before they are read. */
export const boundedForms = bodyLimit({
  maxSize: MOST_BYTES,
  onError: () => {
    throw refused(413, 'Content Too Large', `A form has at most ${MOST_BYTES} bytes`)
  },
})

/** What was typed into a form, as it was typed. */
export type Form = {
  /** Empty when it is not there. */
  readonly text: (name: string) => string
  /** Undefined when nothing was typed: for what the API lets one leave out. */
  readonly maybe: (name: string) => string | undefined
  readonly all: (name: string) => string[]
  readonly isChecked: (name: string) => boolean
}

/** Reads a form that a page posted, of files their text. Throws an `ApiProblem` when it is no form. */
export async function readForm(c: Context): Promise<Form> {
  const fields = await fieldsOf(c)
  const text = (name: string) => fields.get(name) ?? ''
  return {
    text,
    maybe: (name) => text(name).trim() || undefined,
    all: (name) => fields.getAll(name),
    isChecked: (name) => fields.has(name),
  }
}

async function fieldsOf(c: Context): Promise<URLSearchParams> {
  const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/x-www-form-urlencoded') return new URLSearchParams(await c.req.text())
  const form = type === 'multipart/form-data' ? await c.req.formData().catch(() => null) : null
  if (form === null) throw refused(415, 'Unsupported Media Type', 'Expected a form of the console')
  const fields = new URLSearchParams()
  for (const [name, value] of form) fields.append(name, typeof value === 'string' ? value : await value.text())
  return fields
}

function refused(status: number, title: string, detail: string): ApiProblem {
  return new ApiProblem({ type: 'about:blank', title, status, detail, instance: '' })
}
