import type { z } from '@hono/zod-openapi'
import type { MessageSchema } from '../api/messages/message-view.ts'
import type { PlatformSchema, StatusSchema } from '../api/schemas.ts'

// What the API shows, under the names that pages use.

export type Platform = z.infer<typeof PlatformSchema>
export type StatusName = z.infer<typeof StatusSchema>
export type Message = z.infer<typeof MessageSchema>
