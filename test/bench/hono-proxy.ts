import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { proxy } from 'hono/proxy'

// Hono's own proxy helper, on `fetch`. `node hono-proxy.ts <port> <upstream origin>`

const [port, origin] = [Number(process.argv[2]), process.argv[3] ?? '']
const app = new Hono()
app.all('*', (c) => {
  const { pathname, search } = new URL(c.req.url)
  return proxy(origin + pathname + search, c.req.raw)
})
serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => process.stdout.write('ready\n'))
