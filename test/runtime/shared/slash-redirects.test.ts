import { describe, expect, it } from 'vitest'
import type { OutboundRequest } from '../../../src/hub/ports.ts'
import { SlashRedirects } from '../../../src/runtime/shared/slash-redirects.ts'

const ORIGIN = 'https://cpo.example'

function request(path: string, method = 'GET', origin = ORIGIN): OutboundRequest {
  return { origin, path, method, headers: [], body: null, timeoutMs: 1, bufferBytes: 1 }
}

/** Where a request goes that was answered so. */
function followed(path: string, status: number, location: string, method = 'GET'): string | null {
  return new SlashRedirects().learn(request(path, method), path, { status, headers: ['Location', location] })
}

describe('a redirect to the same URL with a slash, or without', () => {
  it.each([
    ['/locations', '/locations/', '/locations/'],
    ['/locations/', '/locations', '/locations'],
    ['/locations', `${ORIGIN}/locations/`, '/locations/'],
    ['/locations', `${ORIGIN}:443/locations/`, '/locations/'],
    ['/locations', '//cpo.example/locations/', '/locations/'],
    ['/a/locations', 'locations/', '/a/locations/'],
    ['/locations?limit=5&x=%2f', '/locations/?limit=5&x=%2f', '/locations/?limit=5&x=%2f'],
    // Some servers leave the query out: the request's own goes on.
    ['/locations?limit=5', '/locations/', '/locations/?limit=5'],
    ['/locations/NL/%C3%A9%2F1', '/locations/NL/%C3%A9%2F1/', '/locations/NL/%C3%A9%2F1/'],
  ])('%s to %s: followed with the bytes of the request', (path, location, other) => {
    expect(followed(path, 307, location)).toBe(other)
  })

  it.each([
    ['/locations', 'http://cpo.example/locations/'],
    ['/locations', 'https://evil.example/locations/'],
    ['/locations', '//evil.example/locations/'],
    ['/locations', 'https://cpo.example:8443/locations/'],
    ['/locations', '/locations'],
    ['/locations', '/locations//'],
    ['/locations', '/Locations/'],
    ['/locations', '/v2/locations/'],
    ['/locations?limit=5', '/locations/?limit=6'],
    ['/locations', '/locations/?token=1'],
    ['/', ''],
    ['/locations', 'https://'],
  ])('%s to %s: another URL, not followed', (path, location) => {
    for (const status of [301, 302, 307, 308]) expect(followed(path, status, location)).toBeNull()
  })

  it('301 and 302 are followed for GET only, 307 and 308 for every method, 303 and others for none', () => {
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
    const follows = (status: number) => methods.filter((method) => followed('/a', status, '/a/', method) !== null)
    expect([307, 308].map(follows)).toEqual([methods, methods])
    expect([301, 302].map(follows)).toEqual([['GET'], ['GET']])
    expect([300, 303, 304, 200, 404].flatMap(follows)).toEqual([])
  })
})

describe('a path that was redirected', () => {
  const to = (location: string) => ({ status: 308, headers: ['Location', location] })

  it('is asked where it led from then on, with any query; no other path and no other server is', () => {
    const redirects = new SlashRedirects()
    redirects.learn(request('/locations?limit=1'), '/locations?limit=1', to('/locations/?limit=1'))
    expect(redirects.pathFor(request('/locations?limit=2'))).toBe('/locations/?limit=2')
    expect(redirects.pathFor(request('/locations', 'POST'))).toBe('/locations/')
    expect(redirects.pathFor(request('/locations/NL'))).toBe('/locations/NL')
    expect(redirects.pathFor(request('/locations', 'GET', 'https://msp.example'))).toBe('/locations')
  })

  it.each([
    ['answers 404 there', '/locations/', { status: 404, headers: [] }],
    ['leads back', '/locations/', to('/locations')],
  ])('is asked as it was announced again once it %s', (_, sentTo, answer) => {
    const redirects = new SlashRedirects()
    redirects.learn(request('/locations'), '/locations', to('/locations/'))
    redirects.learn(request('/locations'), sentTo, answer)
    expect(redirects.pathFor(request('/locations'))).toBe('/locations')
  })

  it('is forgotten, the oldest first, when a server redirects thousands', () => {
    const redirects = new SlashRedirects()
    for (let i = 0; i < 5_000; i++) redirects.learn(request(`/${i}`), `/${i}`, to(`/${i}/`))
    expect(redirects.pathFor(request('/4999'))).toBe('/4999/')
    expect(redirects.pathFor(request('/0'))).toBe('/0')
  })
})
