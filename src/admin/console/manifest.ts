/** The files that pages load, each with the beginning of its SHA-256. Written by `npm run assets`. */
export const MANIFEST = {
  'console.css': 'fb2869e61b',
  'console.js': '85d0208bae',
  'htmx.min.js': 'a0abb04f2f',
  'hx-sse.min.js': '18ef276135',
  'inter.woff2': '3100e775e8',
  'jetbrains-mono.woff2': '18be452724',
} as const
