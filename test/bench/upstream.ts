import { createServer } from 'node:http'

// A partner that answers at once: `node upstream.ts <port>`. GET brings 1 KB, PUT takes 2 KB; versions for the still-alive check.

const port = Number(process.argv[2])
const origin = `http://127.0.0.1:${port}`

function envelope(data: unknown): Buffer {
  return Buffer.from(JSON.stringify({ data, status_code: 1000, timestamp: '2026-01-01T00:00:00Z' }))
}

const location = {
  country_code: 'NL',
  party_id: 'CPO',
  id: 'LOC1',
  publish: true,
  coordinates: { latitude: '51.562787', longitude: '4.638975' },
}
const padding = 1024 - envelope([{ ...location, name: '' }]).length
const page = envelope([{ ...location, name: 'x'.repeat(padding) }])
const done = envelope(undefined)
const versions = envelope([{ version: '2.2.1', url: `${origin}/2.2.1` }])

createServer((request, response) => {
  request.resume()
  const body = request.url === '/versions' ? versions : request.method === 'GET' ? page : done
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length })
  response.end(body)
}).listen(port, '127.0.0.1', () => process.stdout.write('ready\n'))
