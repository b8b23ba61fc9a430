import hub, { Keeper as HubKeeper, Log as HubLog, Queue as HubQueue } from '../../src/runtime/workers.ts'

// The Worker as the tests run it: the hub's own, and whoever asks may end its objects, and is told how many requests to partners waited.

let waiting = 0
let mostWaiting = 0

const realFetch = globalThis.fetch
globalThis.fetch = ((...call: Parameters<typeof realFetch>) => {
  // The objects in this isolate ask no SENDER interface.
  const [url] = call
  if (typeof url !== 'string' || !url.includes('/sender/')) return realFetch(...call)
  mostWaiting = Math.max(mostWaiting, ++waiting)
  return realFetch(...call).finally(() => waiting--)
}) as typeof realFetch

/** Has each request that leaves say when, by the machine's clock: on a busy machine one is held up longer than the next. */
function stampRequests(): void {
  const send = globalThis.fetch
  globalThis.fetch = (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('X-Test-Sent-At', String(Date.now()))
    return send(input, { ...init, headers })
  }
}

let isStamping = false

export class Log extends HubLog {
  async end(): Promise<void> {
    this.ctx.abort('ended by a test')
  }
}

export class Keeper extends HubKeeper {
  async end(): Promise<void> {
    this.ctx.abort('ended by a test')
  }
}

export class Queue extends HubQueue {
  constructor(...[ctx, bindings]: ConstructorParameters<typeof HubQueue>) {
    super(ctx, bindings)
    if (bindings['STAMPS_REQUESTS'] !== 'true' || isStamping) return
    isStamping = true
    stampRequests()
  }

  async end(): Promise<void> {
    this.ctx.abort('ended by a test')
  }
}

type Ends = { readonly getByName: (name: string) => { readonly end: () => Promise<void> } }

export default {
  async fetch(...[request, bindings, ctx]: Parameters<typeof hub.fetch>): Promise<Response> {
    if (request.url.endsWith('/test/waiting')) {
      const most = mostWaiting
      mostWaiting = waiting
      return new Response(String(most))
    }
    const [, binding, name] = /\/test\/end\/(\w+)\/([\w-]+)$/.exec(request.url) ?? []
    if (!binding || !name) return hub.fetch(request, bindings, ctx)
    // The call fails with its object.
    await (bindings[binding] as Ends)
      .getByName(name)
      .end()
      .catch(() => undefined)
    return new Response(null, { status: 204 })
  },
}
