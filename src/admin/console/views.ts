import type { z } from '@hono/zod-openapi'
import type { MessageSchema } from '../api/messages/message-view.ts'
import type { StatusSpanSchema } from '../api/platforms/history.ts'
import type { ListedPlatformSchema } from '../api/platforms/platform-list.ts'
import type { PlatformSchema, StatusSchema } from '../api/schemas.ts'

// What the API shows, under the names that pages use.

export type Platform = z.infer<typeof PlatformSchema>
export type ListedPlatform = z.infer<typeof ListedPlatformSchema>
export type StatusSpan = z.infer<typeof StatusSpanSchema>
export type StatusName = z.infer<typeof StatusSchema>
export type Message = z.infer<typeof MessageSchema>
