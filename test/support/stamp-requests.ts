import { subscribe } from 'node:diagnostics_channel'

// Imported first by a hub's process: each request that leaves says when it does, as those of a hub in workerd do.
subscribe('undici:request:create', (message) => {
  const { request } = message as { request: { addHeader: (name: string, value: string) => void } }
  request.addHeader('X-Test-Sent-At', String(Date.now()))
})
