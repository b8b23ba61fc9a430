/** Where the console begins. */
export const HOME = '/admin'

/**
 * Where somebody goes once signed in: the console's own page that was asked for, or its first. Whoever makes a link to the sign-in page
 * chooses this text, so what leads elsewhere, in whatever spelling, leads home.
 *
 * @example nextAddress('/admin/queues?status=paused') === '/admin/queues?status=paused'
 * @example nextAddress('//evil.example') === '/admin'
 */
export function nextAddress(wanted: string | undefined): string {
  // Browsers read `\` as `/`, and leave out tabs and line ends.
  if (wanted === undefined || wanted.length > 2_000 || !/^\/admin(?=[/?]|$)[^\\\p{Cc}]*$/u.test(wanted)) return HOME
  const { origin, pathname, search } = new URL(wanted, 'http://hub')
  const isPage = origin === 'http://hub' && /^\/admin(\/|$)/.test(pathname) && !pathname.startsWith('/admin/api/')
  return isPage && !/^\/admin\/sign-(in|out)/.test(pathname) ? pathname + search : HOME
}
