import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backHeaders, onwardHeaders } from '../../src/ocpi/forwarded-headers.ts'

describe('transport_and_format: headers through a hub', () => {
  const carried = [
    'Content-Type',
    'application/json',
    'accept',
    'application/json',
    'Content-Encoding',
    'gzip',
    'X-Custom',
    '1',
    'X-Custom',
    '2',
    'User-Agent',
    'x',
  ]

  test('what describes the message goes through both ways as it came, repeated names repeated', () => {
    expect(onwardHeaders(carried)).toEqual(carried)
    expect(backHeaders([...carried, 'X-Total-Count', '5', 'X-Limit', '1', 'Retry-After', '3', 'ETag', '"a"'])).toEqual([
      ...carried,
      ...['X-Total-Count', '5', 'X-Limit', '1', 'Retry-After', '3', 'ETag', '"a"'],
    ])
  })

  const both = [
    ...[
      'Connection',
      'Keep-Alive',
      'TE',
      'Trailer',
      'Transfer-Encoding',
      'Upgrade',
      'Proxy-Connection',
      'Proxy-Authorization',
    ],
    ...['Authorization', 'Content-Length', 'Date', 'X-Request-ID', 'X-Correlation-ID', 'Link'],
    ...['OCPI-to-party-id', 'OCPI-to-country-code', 'OCPI-from-party-id', 'OCPI-from-country-code'],
    ...[
      'X-Accel-Buffering',
      'Forwarded',
      'Via',
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-Real-IP',
      'CF-Ray',
      'CF-Connecting-IP',
    ],
  ]
  const onwardOnly = [
    'Host',
    'Expect',
    'If-None-Match',
    'If-Modified-Since',
    'If-Range',
    'Range',
    'Cookie',
    'Origin',
    'Sec-Fetch-Mode',
    'X-HTTP-Method-Override',
    'X-Original-URL',
  ]
  const backOnly = [
    'Content-Location',
    'Refresh',
    'URI',
    'Link-Template',
    'X-Sendfile',
    'X-Accel-Redirect',
    'Set-Cookie',
    'Server',
    'Location',
    'Strict-Transport-Security',
    'Alt-Svc',
    'WWW-Authenticate',
    'X-Powered-By',
  ]

  test.each([...both, ...onwardOnly])('%s does not go on to the receiver, in any letter case', (name) => {
    expect(onwardHeaders([name, 'a', 'X-A', '1', name.toUpperCase(), 'b', name.toLowerCase(), 'c'])).toEqual([
      'X-A',
      '1',
    ])
  })

  test.each([...both, ...backOnly])('%s does not go back to the caller, in any letter case', (name) => {
    expect(backHeaders([name, 'a', 'X-A', '1', name.toUpperCase(), 'b', name.toLowerCase(), 'c'])).toEqual(['X-A', '1'])
  })

  test.each([
    'OCPI_from_party_id',
    'ocpi-to_country-code',
    'OCPI.from.party.id',
    'X_Request_ID',
    'X_CORRELATION_ID',
    'X_Forwarded_For',
    'Content_Type',
    'Content_Encoding',
    'Content_Length',
    'Transfer_Encoding',
  ])('%s, which CGI takes for the real one, does not pass beside it', (name) => {
    const headers = [name, 'a', 'my_own', '1', 'Content-Type', 'application/json']
    expect(onwardHeaders(headers)).toEqual(headers.slice(2))
    expect(backHeaders(headers)).toEqual(headers.slice(2))
  })

  test('no header goes back to the caller that holds a URL of the receiver', () => {
    const headers = ['X-Next-Page', 'https://cpo.example/2', 'X-A', '1', 'Next', 'see http://cpo.example', 'X-B', '//2']
    expect(backHeaders(headers)).toEqual(['X-A', '1', 'X-B', '//2'])
    expect(onwardHeaders(['User-Agent', 'x (+https://emsp.example)'])).toEqual([
      'User-Agent',
      'x (+https://emsp.example)',
    ])
  })

  test('names listed in Connection stop, wherever it stands among the others', () => {
    const headers = [
      'X-Hop',
      '1',
      'Connection',
      'close, X-HOP ,other',
      'x-stay',
      '2',
      'Other',
      '3',
      'connection',
      'X-Second',
      'X-Second',
      '4',
    ]
    expect(onwardHeaders(headers)).toEqual(['x-stay', '2'])
    expect(backHeaders(headers)).toEqual(['x-stay', '2'])
  })

  test('what stays behind is told apart from what ends at the hub in every message', () => {
    const left: string[] = []
    onwardHeaders(
      ['Host', 'x', 'X-Real-IP', '1', 'Cookie', 'a', 'Connection', 'X-A', 'X-A', '1', 'Content_Type', 'b'],
      left,
    )
    expect(left).toEqual(['Cookie', 'a', 'Content_Type', 'b', 'X-A', '1'])
    left.length = 0
    backHeaders(['Server', 'x', 'Date', 'y', 'Link', 'z', 'CF-Ray', '1', 'X-Url', 'https://x', 'X-B', '2'], left)
    expect(left).toEqual(['Link', 'z', 'X-Url', 'https://x'])
  })

  test('Connection cannot take away what the body needs to be read', () => {
    expect(
      onwardHeaders(['Connection', 'content-type, Content-Encoding', 'Content-Type', 'a', 'Content-Encoding', 'gzip']),
    ).toEqual([...['Content-Type', 'a', 'Content-Encoding', 'gzip']])
  })

  test('what goes through is part of what came, in order, and would go through again', () => {
    const name = fc.oneof(
      fc.constantFrom(...carried.filter((_, i) => i % 2 === 0), ...both, ...onwardOnly, ...backOnly),
      fc.stringMatching(/^[A-Za-z-]{1,8}$/),
    )
    const value = fc.oneof(fc.string(), name)
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (pairs) => {
        for (const pass of [onwardHeaders, backHeaders]) {
          const kept = pass(pairs.flat())
          expect(kept.length % 2).toBe(0)
          let at = 0
          for (const pair of pairs) if (kept[at] === pair[0] && kept[at + 1] === pair[1]) at += 2
          expect(at).toBe(kept.length)
          expect(pass(kept)).toEqual(kept)
        }
      }),
    )
  })
})
