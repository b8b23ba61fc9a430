import type { AdminEnv } from '../problem.ts'
import type { Api } from './api.ts'
import type { HubName } from './parts/hub-name.ts'

/** What the console keeps per request, of somebody whom it let in. */
export type ConsoleEnv = {
  Variables: AdminEnv['Variables'] & {
    /** The API, asked for whoever is signed in. */
    api: Api
    /** What the side bar tells of, of somebody whom the console let in. */
    marks: () => Promise<Marks>
    hub: HubName
  }
}

/** What needs somebody, by the entry of the side bar where it is seen: how many, and what in words. */
export type Marks = Readonly<Partial<Record<'platforms' | 'queues', { readonly n: number; readonly words: string }>>>
