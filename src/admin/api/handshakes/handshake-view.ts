import { z } from '@hono/zod-openapi'
import { type Advice, adviceInWords, advise } from '../../../hub/administration/advice.ts'
import { ADVICE_KEYS, type AdviceKey } from '../../../hub/administration/handshake-advice.ts'
import {
  ABANDONED_AFTER_MS,
  type Attempt,
  fieldsOf,
  type HandshakeCall,
  stepOf,
} from '../../../hub/administration/handshake-attempts.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { TimestampSchema } from '../schemas.ts'

/** Not a named schema: in OpenAPI a reference that may also be null contradicts itself. */
export const AdviceSchema = z.object({
  key: z
    .enum(ADVICE_KEYS as [AdviceKey, ...AdviceKey[]])
    .openapi({ description: 'Stays the same when the texts are mended' }),
  title: z.string().openapi({ example: 'The token was encoded in Base64 more than once' }),
  advice: z.string().openapi({ description: 'What to do, for whoever brings the partner on board' }),
  chapter: z
    .string()
    .nullable()
    .openapi({ description: 'Of the OCPI specification', example: 'credentials: Registration' }),
})

export function showAdvice(advice: Advice): z.infer<typeof AdviceSchema> {
  return { key: advice.key, ...adviceInWords(advice) }
}

const CallSchema = z
  .object({
    at: TimestampSchema,
    step: z.int().min(1).max(5).nullable().openapi({
      description:
        'Whoever leads reads the versions (1) and the details (2) of the other and sends its credentials (3); the other reads those of the leader (4, 5). Null: no step of a handshake',
    }),
    direction: z.enum(['in', 'out']).openapi({ description: '`in`: the partner called the hub' }),
    method: z.string(),
    url: z.string().openapi({ description: 'Without its query; a path of the hub for `in`' }),
    client_address: z.string().nullable(),
    http_status: z.int().openapi({ description: '0: no answer' }),
    ocpi_status: z.int().nullable(),
    ms: z.number(),
    failure: z.string().nullable(),
    detail: z.string().nullable().openapi({ example: 'GET https://ocpi.example/versions: ECONNREFUSED' }),
    correlation_id: z.string().nullable().openapi({ description: 'Finds the messages of this call' }),
  })
  .openapi('HandshakeCall')

export const HandshakeSchema = z
  .object({
    id: z.uuid(),
    platform_id: z.uuid().nullable().openapi({ description: 'Null: nobody knows whose calls they are' }),
    client_address: z.string().nullable().openapi({ description: 'Where the platform is not known' }),
    led_by: z.enum(['partner', 'hub']),
    started_by: z.string().openapi({ description: 'The administrator, `partner`, or `hub` where it began by itself' }),
    started_at: TimestampSchema,
    last_at: TimestampSchema,
    step: z.int().min(1).max(5).nullable().openapi({ description: 'The furthest one that was come to' }),
    outcome: z
      .enum(['under-way', 'registered', 'refused', 'unreachable', 'answer-lost', 'abandoned'])
      .openapi({ description: '`abandoned`: no call for an hour' }),
    why: AdviceSchema.nullable().openapi({ description: 'Why it came to that, and what helps; null: nothing to say' }),
    calls: z.array(CallSchema).openapi({ description: 'In the order in which they were made, at most 60' }),
  })
  .openapi('Handshake')

export function showHandshake(attempt: Attempt, now: number): z.infer<typeof HandshakeSchema> {
  const steps = attempt.calls.map((call) => stepOf(attempt.ledBy, call)).filter((step) => step !== null)
  const step = steps.length === 0 ? null : Math.max(...steps)
  const isAbandoned = attempt.outcome === null && now - attempt.lastAt >= ABANDONED_AFTER_MS
  const why = isAbandoned
    ? advise('abandoned', { date: timestamp(attempt.lastAt), step: String(step ?? 0) })
    : attempt.advice
  return {
    id: attempt.id,
    platform_id: attempt.platformId,
    client_address: attempt.address,
    led_by: attempt.ledBy,
    started_by: attempt.startedBy,
    started_at: timestamp(attempt.startedAt),
    last_at: timestamp(attempt.lastAt),
    step,
    outcome: isAbandoned ? 'abandoned' : (attempt.outcome ?? 'under-way'),
    why: why && showAdvice(why),
    calls: attempt.calls.map((call) => showCall(call, attempt)),
  }
}

function showCall(call: HandshakeCall, { ledBy }: Attempt): z.infer<typeof CallSchema> {
  return {
    at: timestamp(call.at),
    ...fieldsOf(call, ledBy),
    correlation_id: call.correlationId,
  }
}
