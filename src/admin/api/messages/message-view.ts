import { z } from '@hono/zod-openapi'
import type { ExchangeKind } from '../../../hub/message/exchange.ts'
import type { MessageDetail, MessageSummary } from '../../../hub/message/message-query.ts'
import type { Headers } from '../../../ocpi/headers.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { TimestampSchema } from '../schemas.ts'

const KINDS = [
  'direct',
  'via',
  'broadcast',
  'delivery',
  'open',
  'get-all',
  'configuration',
  'hub-call',
] as const satisfies readonly ExchangeKind[]

/** A message as the list shows it. */
export const MessageSchema = z
  .object({
    id: z.string(),
    at: TimestampSchema,
    kind: z.enum(KINDS),
    correlation_id: z.string(),
    request_id: z.string(),
    forwarded_request_id: z.string().nullable(),
    from_platform_id: z.string().nullable(),
    to_platform_id: z.string().nullable(),
    from_party: z.string().nullable().openapi({ example: 'NL-ABC' }),
    to_party: z.string().nullable(),
    module: z.string(),
    interface_role: z.enum(['SENDER', 'RECEIVER']).nullable(),
    method: z.string(),
    path: z.string().openapi({ description: 'Path and query as received' }),
    forwarded_url: z.string().nullable(),
    http_status: z.int(),
    receiver_status: z.int().nullable().openapi({
      description:
        "Of an answer that did not go on as it was: the receiver's HTTP status; `response` then is what it sent",
    }),
    ocpi_status: z.int().nullable(),
    duration_ms: z.number(),
    receiver_ms: z.number().nullable(),
    request_bytes: z.int(),
    response_bytes: z.int(),
    failure: z.string().nullable().openapi({ description: 'Why the hub itself refused or failed' }),
  })
  .openapi('Message')

const KeptSchema = z
  .object({
    headers: z
      .array(z.object({ name: z.string(), value: z.string() }))
      .nullable()
      .openapi({ description: 'In the order they came, without tokens; null when not kept' }),
    body: z.string().nullable().openapi({ description: 'Null when empty, streamed or not kept' }),
    body_encoding: z.enum(['utf-8', 'base64']).openapi({ description: 'base64 when the bytes are no UTF-8' }),
    body_is_cut: z.boolean(),
  })
  .openapi('KeptMessagePart')

/** A message with what was kept of both bodies. */
export const MessageDetailSchema = MessageSchema.extend({ request: KeptSchema, response: KeptSchema }).openapi(
  'MessageDetail',
)

export function showMessage(message: MessageSummary): z.infer<typeof MessageSchema> {
  return {
    id: message.id,
    at: timestamp(message.at),
    kind: message.kind,
    correlation_id: message.correlationId,
    request_id: message.requestId,
    forwarded_request_id: message.forwardedRequestId,
    from_platform_id: message.fromPlatformId,
    to_platform_id: message.toPlatformId,
    from_party: message.fromParty,
    to_party: message.toParty,
    module: message.module,
    interface_role: message.interfaceRole,
    method: message.method,
    path: message.path,
    forwarded_url: message.forwardedUrl,
    http_status: message.httpStatus,
    receiver_status: message.receiverStatus,
    ocpi_status: message.ocpiStatus,
    duration_ms: message.durationMs,
    receiver_ms: message.receiverMs,
    request_bytes: message.requestBytes,
    response_bytes: message.responseBytes,
    failure: message.failure,
  }
}

export function showDetail(message: MessageDetail): z.infer<typeof MessageDetailSchema> {
  return {
    ...showMessage(message),
    request: showKept(message.requestHeaders, message.requestBody, message.requestBytes),
    response: showKept(message.responseHeaders, message.responseBody, message.responseBytes),
  }
}

function showKept(headers: Headers | null, body: Uint8Array | null, totalBytes: number): z.infer<typeof KeptSchema> {
  const isCut = body !== null && body.byteLength < totalBytes
  return { headers: headers && showHeaders(headers), ...showBody(body, isCut), body_is_cut: isCut }
}

function showHeaders(headers: Headers): { name: string; value: string }[] {
  const shown: { name: string; value: string }[] = []
  for (let i = 0; i + 1 < headers.length; i += 2)
    shown.push({ name: headers[i] as string, value: headers[i + 1] as string })
  return shown
}

/** Text where it is text. A cut body may end within a character, which is then left out. */
function showBody(body: Uint8Array | null, isCut: boolean): { body: string | null; body_encoding: 'utf-8' | 'base64' } {
  if (body === null || body.byteLength === 0) return { body: null, body_encoding: 'utf-8' }
  try {
    return { body: new TextDecoder('utf-8', { fatal: true }).decode(body, { stream: isCut }), body_encoding: 'utf-8' }
  } catch {
    return { body: btoa(Array.from(body, (byte) => String.fromCharCode(byte)).join('')), body_encoding: 'base64' }
  }
}
