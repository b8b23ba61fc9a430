import type { Message } from '../../views.ts'

/** What the kinds of exchanges are called. */
export const KIND_WORDS: Readonly<Record<Message['kind'], string>> = {
  direct: 'Direct request',
  via: 'Through a URL of the hub',
  broadcast: 'Broadcast push',
  delivery: 'Delivery of a push',
  open: 'Open routing request',
  'get-all': 'GET All',
  configuration: 'Configuration',
  'hub-call': 'Call of the hub',
  check: 'Connection check',
}
