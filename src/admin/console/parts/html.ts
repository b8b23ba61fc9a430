import { html as template } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

/** A piece of a page, escaped. */
export type Html = HtmlEscapedString

/** What may stand in a template. Text is escaped; of false, null and undefined nothing is shown. */
type Shown = Html | string | number | false | null | undefined | readonly Shown[]

/**
 * A piece of a page, with all that is put into it escaped. Values of attributes stand in quotes, which it does not add.
 *
 * Hono's own, for which a page has to be awaited when something in it is; nothing in these is.
 */
export const html = template as (strings: TemplateStringsArray, ...values: readonly Shown[]) => Html
