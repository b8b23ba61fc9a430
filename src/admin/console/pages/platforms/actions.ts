import type { Platform } from '../../views.ts'

/** Something that an administrator does to a platform, with a page before it that says what will follow. */
export type Action = {
  /** The end of the address of its page. */
  readonly key: string
  /** What its button says. */
  readonly verb: string
  /** Of the API, which is all that it does: who may not use it sees no button. */
  readonly route: string
  readonly isRisky: boolean
  /** What will happen, who is told, and how to undo it. */
  readonly consequences: (platform: Platform) => readonly [string, string, string]
  /** What is said of it then, see `DONE`. */
  readonly done: string
}

export const ACTIONS: readonly Action[] = [
  {
    key: 'rotate',
    verb: 'Rotate tokens',
    route: 'POST /platforms/{id}/rotate',
    isRisky: false,
    consequences: ({ name }) => [
      `The hub calls ${name} now: both sides get new tokens, and the hub reads its versions and endpoints again. Traffic goes on.`,
      `${name} has to answer. Others are told only if its parties change.`,
      'The tokens of before do not come back. They open the hub until a minute after a new one was first used, a day at most; you can end them earlier.',
    ],
    done: 'rotated',
  },
  {
    key: 'suspend',
    verb: 'Suspend',
    route: 'POST /platforms/{id}/suspend',
    isRisky: true,
    consequences: ({ name }) => [
      'Nothing is routed to or from it any more: what it sends is answered 4003, and what waits for it is listed as missed.',
      `Others are told by HubClientInfo that its parties are SUSPENDED. ${name} is not called; it sees it in its answers.`,
      'Resume it whenever you like: it keeps its tokens. What was missed can be sent again.',
    ],
    done: 'suspended',
  },
  {
    key: 'resume',
    verb: 'Resume',
    route: 'POST /platforms/{id}/resume',
    isRisky: false,
    consequences: ({ name, has_credentials, hold }) => [
      !has_credentials
        ? 'It has no tokens, so it is PLANNED until it registers again.'
        : hold
          ? 'It is PLANNED, since it is held: it goes live when it is released.'
          : 'It is CONNECTED again, with the tokens that it has, and gets what is pushed from now on.',
      `Others are told by HubClientInfo. ${name} is not called.`,
      'You can suspend it again. What it missed meanwhile does not come by itself: it is listed with its queue.',
    ],
    done: 'resumed',
  },
  {
    key: 'release',
    verb: 'Release',
    route: 'POST /platforms/{id}/release',
    isRisky: false,
    consequences: ({ name, has_credentials }) => [
      !has_credentials
        ? 'It goes live with its handshake, without waiting for you.'
        : 'It goes live now: it is CONNECTED, and gets what is pushed from now on.',
      `Others are told by HubClientInfo once it is CONNECTED. ${name} is not called.`,
      'What is live cannot be held again. You can suspend it.',
    ],
    done: 'released',
  },
  {
    key: 'end-older-tokens',
    verb: 'End older tokens',
    route: 'POST /platforms/{id}/older-tokens/end',
    isRisky: true,
    consequences: ({ name }) => [
      'Tokens that were replaced no longer open the hub. The newest one stays.',
      `Nobody is told. If ${name} still uses an older one, its calls are answered 401 from now on.`,
      'They do not come back. A partner that lost the newest token registers again, with a new invitation.',
    ],
    done: 'older-tokens-ended',
  },
  {
    key: 'disconnect',
    verb: 'Disconnect',
    route: 'POST /platforms/{id}/disconnect',
    isRisky: true,
    consequences: ({ name }) => [
      'The connection ends: the tokens of both sides die, and what waits is listed as missed. The platform stays, SUSPENDED, and keeps its parties.',
      `${name} is called and told. Others are told by HubClientInfo.`,
      'Only a new handshake brings it back: make a new invitation for it.',
    ],
    done: 'disconnected',
  },
  {
    key: 'remove',
    verb: 'Remove',
    route: 'DELETE /platforms/{id}',
    isRisky: true,
    consequences: ({ name }) => [
      'The hub forgets the platform with its tokens, parties, endpoints and queue. Its messages, rules and audit trail stay.',
      `${name} is not told: its calls are answered 401 from now on. To tell it, disconnect it first. Others see its parties as SUSPENDED.`,
      'It cannot be undone: add it again, and let it register anew.',
    ],
    done: 'removed',
  },
]
