import type { MessageDetail } from '../../../views.ts'

/** The chapter of the codes that the hub itself answers with. */
export const HUB_ERRORS = 'status_codes: 4xxx: Hub errors'

export function nameOfReceiver({ to_party, to_platform_name }: MessageDetail): string {
  return to_party ?? to_platform_name ?? 'The receiver'
}

/** With a full stop and a space at its end; empty for nothing. */
export function asSentence(text: string | null): string {
  if (text === null || text === '') return ''
  return /[.!?]$/.test(text) ? `${text} ` : `${text}. `
}
