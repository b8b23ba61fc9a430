import { z } from '@hono/zod-openapi'
import type { Changes, ExchangeKind, HeaderChange } from '../../../hub/message/exchange.ts'
import type { MessageDetail, MessageSummary } from '../../../hub/message/message-query.ts'
import type { LegBody } from '../../../hub/message/second-leg.ts'
import type { Headers } from '../../../ocpi/headers.ts'
import { FATES } from '../conversions/fates.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { TimestampSchema } from '../schemas.ts'

export const KINDS = [
  'direct',
  'via',
  'broadcast',
  'delivery',
  'open',
  'get-all',
  'configuration',
  'hub-call',
  'check',
] as const satisfies readonly ExchangeKind[]

const HeaderChangesSchema = z
  .array(z.object({ name: z.string(), was: z.string().nullable(), is: z.string().nullable() }))
  .openapi({
    description: 'What one side sent and the other got; null where there was, or is, none',
    example: [{ name: 'OCPI-from-party-id', was: null, is: 'EMS' }],
  })

/** What the hub changed between the two legs of a message. */
const ChangesSchema = z
  .object({
    request: z
      .object({
        headers: HeaderChangesSchema.optional(),
        response_url: z.object({ was: z.string(), is: z.string() }).optional(),
      })
      .optional(),
    response: z.object({ headers: HeaderChangesSchema }).optional(),
  })
  .openapi('MessageChanges', {
    description:
      'What the hub changed between its two legs and nothing else: not the token, the IDs of the request, and what comes and goes with each connection. Null when it changed nothing else, or when headers are not for the caller to see',
  })

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
    from_platform_name: z.string().nullable(),
    to_platform_id: z.string().nullable(),
    to_platform_name: z.string().nullable().openapi({ description: 'As it is called now; null once it was deleted' }),
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
    detail: z.string().nullable().openapi({
      description: 'What exactly failed or was refused, in at most 300 characters',
      example: 'The receiver cannot be reached: connect ECONNREFUSED 192.0.2.7:443',
    }),
    changes: ChangesSchema.nullable(),
    conversion: z.string().nullable().openapi({
      description: 'What became of it between platforms of unlike OCPI versions, in words; null: it went as it came',
      example: '2.2.1 to 2.3.0, tariff: 1 invented, 2 lost',
    }),
    led_id: z.string().nullable().openapi({
      description: 'Of the URL that was led through the hub, or called: the same for a command and its result',
      example: 'Yc0RzJ3VvXl1p2Zq8s5TdA',
    }),
    object_key: z.string().nullable().openapi({
      description:
        'The object it is about: the first id in the path, of a posted CDR its id, of a command its session or location',
      example: 'LOC1',
    }),
    client: z
      .string()
      .nullable()
      .openapi({ description: "The caller's address; of kind configuration only", example: '192.0.2.7' }),
  })
  .openapi('Message')

const KeptSchema = z
  .object({
    headers: z
      .array(z.object({ name: z.string(), value: z.string() }))
      .nullable()
      .openapi({
        description: 'In the order they came, without tokens; null when not kept, or not for the caller to see',
      }),
    body: z
      .string()
      .nullable()
      .openapi({ description: 'Null when empty, streamed, not kept, or not for the caller to see' }),
    body_encoding: z.enum(['utf-8', 'base64']).openapi({ description: 'base64 when the bytes are no UTF-8' }),
    body_is_cut: z.boolean(),
  })
  .openapi('KeptMessagePart')

const ConvertedBodySchema = KeptSchema.omit({ headers: true })
  .extend({
    bytes: z.int().nullable().openapi({ description: 'Of all of it; null: it streamed' }),
    remarks: z
      .array(z.object({ fate: z.enum(FATES), pointer: z.string(), reason: z.string() }))
      .openapi({ description: 'What was not carried as it was, each thing once, the first 40' }),
  })
  .nullable()
  .openapi({ description: 'Null: the same as on the other side' })

/** The other side of what was converted. */
const ConvertedSchema = z
  .object({ request: ConvertedBodySchema, response: ConvertedBodySchema })
  .openapi('ConvertedMessage', {
    description:
      "Of a message that was converted the bodies of the receiver's side: what it was sent, and what it answered. `request` and `response` of the message are those of the caller's side, of a delivery its sender's. Null when nothing was converted, or when bodies are not for the caller to see",
  })

/** A message with what was kept of both bodies. */
export const MessageDetailSchema = MessageSchema.extend({
  request: KeptSchema,
  response: KeptSchema,
  converted: ConvertedSchema.nullable(),
  body_of: z.string().optional().openapi({
    description: 'Of a delivery that succeeded: the message of kind broadcast that `request` is taken from',
  }),
}).openapi('MessageDetail')

/** Gives the name of a platform by its id; null for one that is no more. */
export type NameOf = (platformId: string | null) => string | null

/** `changes` tells values of headers, which are for those who see headers. */
export function showMessage(
  message: MessageSummary,
  nameOf: NameOf,
  maySeeBodies: boolean,
): z.infer<typeof MessageSchema> {
  return {
    id: message.id,
    at: timestamp(message.at),
    kind: message.kind,
    correlation_id: message.correlationId,
    request_id: message.requestId,
    forwarded_request_id: message.forwardedRequestId,
    from_platform_id: message.fromPlatformId,
    from_platform_name: nameOf(message.fromPlatformId),
    to_platform_id: message.toPlatformId,
    to_platform_name: nameOf(message.toPlatformId),
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
    detail: message.detail,
    changes: maySeeBodies && message.changes ? showChanges(message.changes) : null,
    conversion: message.conversion,
    led_id: message.ledId,
    object_key: message.objectKey,
    client: message.client,
  }
}

function showChanges({ request, response }: Changes): z.infer<typeof ChangesSchema> {
  return {
    ...(request && {
      request: {
        ...(request.headers && { headers: request.headers.map(showChange) }),
        ...(request.responseUrl && { response_url: { was: request.responseUrl[0], is: request.responseUrl[1] } }),
      },
    }),
    ...(response && { response: { headers: response.headers.map(showChange) } }),
  }
}

function showChange([name, was, is]: HeaderChange): { name: string; was: string | null; is: string | null } {
  return { name, was, is }
}

const HIDDEN: z.infer<typeof KeptSchema> = { headers: null, body: null, body_encoding: 'utf-8', body_is_cut: false }

export function showDetail(
  message: MessageDetail,
  nameOf: NameOf,
  maySeeBodies: boolean,
): z.infer<typeof MessageDetailSchema> {
  if (!maySeeBodies)
    return { ...showMessage(message, nameOf, maySeeBodies), request: HIDDEN, response: HIDDEN, converted: null }
  return {
    ...showMessage(message, nameOf, maySeeBodies),
    request: showKept(message.requestHeaders, message.requestBody, message.requestBytes),
    response: showKept(message.responseHeaders, message.responseBody, message.responseBytes),
    converted: message.secondLeg && {
      request: showConverted(message.secondLeg.request),
      response: showConverted(message.secondLeg.response),
    },
    ...(message.bodyOf !== null && { body_of: message.bodyOf }),
  }
}

function showConverted(part: LegBody | null): z.infer<typeof ConvertedBodySchema> {
  if (part === null) return null
  const { body, bytes, remarks } = part
  const isCut = body !== null && body.byteLength < (bytes ?? 0)
  return { ...showBody(body, isCut), body_is_cut: isCut, bytes, remarks: [...remarks] }
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
