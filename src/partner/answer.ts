import type { Context } from 'hono'
import type { Html } from '../admin/console/parts/html.ts'
import type { PartnerEnv } from './env.ts'
import { page, type Section } from './layout.ts'

/** Answers with a page of the platform whose link was followed. */
export function showPage(
  c: Context<PartnerEnv>,
  {
    title,
    section,
    status = 200,
  }: { readonly title: string; readonly section: Section; readonly status?: 200 | 404 | 409 | 429 },
  body: Html,
) {
  return c.html(page({ title, section, hub: c.get('hub'), platform: c.get('platform').name, body }), status)
}
