import type { Command } from 'commander'
import { EXIT, Failure } from '../exit.ts'
import { findPlatform, idOfPlatform } from '../find-platform.ts'
import { type Method, PARTNER_TIMEOUT_MS } from '../hub-api.ts'
import { type ReasonOption, withReason } from '../input.ts'
import { type Open, readToken, type Session } from '../session.ts'
import { handshakeText } from '../text/handshake.ts'
import { checkText, platformLine } from '../text/platform.ts'
import type { CheckView, HandshakeView, PlatformView } from '../views.ts'

/** An order to a platform that needs no input: its verb, path and method, and whether it calls the partner. */
type Order = {
  readonly verb: string
  readonly says: string
  readonly path: string
  readonly method?: Method
  readonly isHandshake?: boolean
  /** Asked before it, where it cannot be undone. */
  readonly asks?: (platform: PlatformView) => string
  readonly example: string
}

const ORDERS: readonly Order[] = [
  {
    verb: 'suspend',
    says: 'stop routing to and from a platform until it is resumed; its credentials stay',
    path: '/suspend',
    example: 'suspend Rheinstrom --reason "asked for by mail, ticket 4711"',
  },
  { verb: 'resume', says: 'let a suspended platform back', path: '/resume', example: 'resume Rheinstrom' },
  {
    verb: 'release',
    says: 'let a platform that is held go live: at once, or with its handshake',
    path: '/release',
    example: 'release "Baltic Grid"',
  },
  {
    verb: 'rotate',
    says: 'exchange the tokens of both sides and read the endpoints again',
    path: '/rotate',
    isHandshake: true,
    example: 'rotate Rheinstrom',
  },
  {
    verb: 'end-older-tokens',
    says: 'end what a rotation replaced, after a token leaked',
    path: '/older-tokens/end',
    asks: ({ name }) => `${name} is let in by its newest token only.`,
    example: 'end-older-tokens Rheinstrom --yes',
  },
  {
    verb: 'disconnect',
    says: 'tell the partner and end the connection; it comes back with a new registration token',
    path: '/disconnect',
    isHandshake: true,
    asks: ({ name }) => `${name} is told that the connection ends, and its tokens die.`,
    example: 'disconnect Rheinstrom --yes',
  },
  {
    verb: 'remove',
    says: 'forget a platform with its tokens, parties and endpoints; the partner is not told',
    path: '',
    method: 'DELETE',
    asks: ({ name }) => `${name} is forgotten with its parties and tokens.`,
    example: 'remove Rheinstrom --yes',
  },
]

/** What connects a platform, keeps it away, and ends its connection. */
export function addConnectionCommands(program: Command, platforms: Command, open: Open): void {
  addConnect(program, open)
  for (const order of ORDERS) addOrder(platforms, open, order)
  platforms
    .command('ping')
    .description('ask a partner for a sign of life now; exit code 4 when none comes')
    .argument('<platform>', 'id, name or party')
    .addHelpText('after', '\nExample:\n  ocpi-hub platforms ping Nordlade')
    .action(async (named: string, _: unknown, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}/check`
      const reply = await session.api.call<CheckView>('POST', path, { timeoutMs: PARTNER_TIMEOUT_MS })
      session.show(reply, (check) => checkText(session.screen, check))
      if (!reply.value.is_alive) throw silent(EXIT.partner)
    })
}

function addConnect(program: Command, open: Open): void {
  withReason(program.command('connect'))
    .description('begin the handshake with a partner, with what it gave: a versions URL and a registration token')
    .argument('<platform>', 'id, name or party')
    .requiredOption('--versions-url <url>', "the partner's versions URL")
    .option('--token-stdin', 'read its registration token from stdin; without this it is asked for')
    .addHelpText(
      'after',
      '\nExample:\n  pass baltic | ocpi-hub connect "Baltic Grid" --versions-url https://ocpi.example/versions --token-stdin',
    )
    .action(
      async (
        named: string,
        options: ReasonOption & { readonly versionsUrl: string; readonly tokenStdin?: boolean },
        command: Command,
      ) => {
        const session = await open(command)
        const { id } = await findPlatform(session.api, named)
        const token = await readToken(session.io, options.tokenStdin === true, 'registration token', '--token-stdin')
        const body = { versions_url: options.versionsUrl, token, reason: options.reason }
        await shakeHands(session, id, () =>
          session.api.call<PlatformView>('POST', `/platforms/${id}/connect`, { body, timeoutMs: PARTNER_TIMEOUT_MS }),
        )
      },
    )
}

function addOrder(platforms: Command, open: Open, order: Order): void {
  const { verb, says, path, method = 'POST', isHandshake, asks, example } = order
  withReason(platforms.command(verb))
    .description(says)
    .argument('<platform>', 'id, name or party')
    .addHelpText('after', `\nExample:\n  ocpi-hub platforms ${example}`)
    .action(async (named: string, { reason }: ReasonOption, command: Command) => {
      const session = await open(command)
      const platform = await findPlatform(session.api, named)
      if (asks) await session.confirm(asks(platform))
      const patience = isHandshake ? { timeoutMs: PARTNER_TIMEOUT_MS } : {}
      const give = () =>
        session.api.call<PlatformView>(method, `/platforms/${platform.id}${path}`, { query: { reason }, ...patience })
      if (isHandshake) return shakeHands(session, platform.id, give)
      session.show(await give(), (changed) =>
        method === 'DELETE' ? `${platform.name} is removed\n` : platformLine(session.screen, changed),
      )
    })
}

/** Makes a handshake; the calls that it took are shown whether it succeeds or not. */
async function shakeHands(
  session: Session,
  id: string,
  make: () => ReturnType<typeof session.api.call<PlatformView>>,
): Promise<void> {
  const startedAt = session.io.now()
  const tellCalls = async (print: (text: string) => void) => {
    const query = { platform: id, limit: 1 }
    const [attempt] = (await session.api.call<readonly HandshakeView[]>('GET', '/handshakes', { query })).value
    // One of before is none of ours, by clocks that may differ by a minute.
    if (attempt && Date.parse(attempt.last_at) > startedAt - 60_000) print(handshakeText(session.screen, attempt))
  }
  try {
    const reply = await make()
    if (!session.isJson) await tellCalls(session.io.out)
    session.show(reply, (platform) => platformLine(session.screen, platform))
  } catch (error) {
    const isOfPartner = error instanceof Failure && error.code === EXIT.partner
    if (isOfPartner && !session.isJson) await tellCalls(session.io.err).catch(() => undefined)
    throw error
  }
}

/** Ends with an exit code when all was said already. */
function silent(code: typeof EXIT.partner): Failure {
  return new Failure(code, '')
}
