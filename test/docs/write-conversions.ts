import { writeFileSync } from 'node:fs'
import { conversionsPage } from './conversions.ts'

// `npm run docs:conversions`: what a partner reads is made of the rules themselves.
writeFileSync(new URL('../../docs/conversions.md', import.meta.url), conversionsPage())
