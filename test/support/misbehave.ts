import type { Handler, RecordedRequest, Reply } from './partner-server.ts'

/** Takes the request and never answers. */
export function hang(): Handler {
  return () => 'handled'
}

/** Answers correctly but a byte at a time, `everyMs` apart; stops when the caller leaves. */
export function drip(
  everyMs: number,
  text = '{"data":[],"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}',
): Handler {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
    response.flushHeaders()
    let sent = 0
    const timer = setInterval(() => {
      response.write(text[sent] ?? '')
      sent += 1
      if (sent >= text.length) response.end()
    }, everyMs)
    response.on('close', () => clearInterval(timer))
    return 'handled'
  }
}

/** Sends the head and the first bytes of the body, then cuts the connection. */
export function closeHalfWay(): Handler {
  return rawAnswer('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"data":[')
}

/** Cuts the connection without a byte. */
export function closeAtOnce(): Handler {
  return (_request, response) => {
    response.socket?.destroy()
    return 'handled'
  }
}

/** Announces more bytes than it sends, then closes politely. */
export function lieAboutLength(): Handler {
  return rawAnswer(
    'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"data":[],"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}',
  )
}

/** What a proxy in front of a partner answers. */
export function html(status = 502): Handler {
  return () => pageOf(status)
}

function pageOf(status: number): Reply {
  return {
    status,
    isBare: true,
    headers: ['Content-Type', 'text/html; charset=utf-8'],
    body: `<html><body><h1>${status}</h1></body></html>`,
  }
}

/** Writes these bytes to the socket, whatever they are, and closes it. */
export function rawAnswer(bytes: string | Buffer): Handler {
  return (_request, response) => {
    response.socket?.end(bytes)
    return 'handled'
  }
}

/** Redirects every path without a slash at its end to the one with it, as many frameworks do, and answers there. */
export function slashRedirects(status: number): Handler {
  return ({ path, query, method }) => {
    if (path.endsWith('/')) return method === 'GET' ? { data: [] } : {}
    return { status, isBare: true, body: '', headers: ['Location', `${path}/${query}`] }
  }
}

/** What a gateway answers that wants the caller elsewhere. */
export function redirect(status: number, location = '/maintenance'): Handler {
  return () => ({ status, isBare: true, headers: ['Location', location], body: '' })
}

/** What a partner answers that does not take the hub's token. */
export function unknownToken(): Handler {
  return () => ({ status: 401, statusCode: 2001, statusMessage: 'Unknown token' })
}

/** Lets `handler` answer the first `count` requests that `matches`, and leaves all others to what comes next. */
export function firstTimes(count: number, matches: (request: RecordedRequest) => boolean, handler: Handler): Handler {
  let left = count
  return (request, response) => (matches(request) && left-- > 0 ? handler(request, response) : 'pass')
}

/** A firewall in front of a partner: turns away, with a page of its own, what does not say who it is and what it takes. */
export function firewall(): Handler {
  return ({ header }) => {
    const isWelcome = [header('user-agent'), header('accept')].every((value) => value !== undefined && value !== '')
    return isWelcome ? 'pass' : pageOf(403)
  }
}
