import { labelOf } from '../../sandbox/party/line.ts'
import type { ClientInfo } from '../../sandbox/party/objects.ts'
import type { Platform } from './platform.ts'

/** What a platform sees of the others, asked at the hub [mod_hub_client_info: Sender GET]: `DE-CPB CONNECTED, NL-CPA PLANNED`. */
export async function whoIsThere(platform: Platform): Promise<string> {
  const { items } = await platform.pull('hubclientinfo', null, 50)
  return showStatuses((items as ClientInfo[]).map((info) => [labelOf(info), info.status]))
}

/** Statuses by label, in the order of labels. */
export function showStatuses(statuses: readonly (readonly [label: string, status: string])[]): string {
  return statuses
    .map(([label, status]) => `${label} ${status}`)
    .sort()
    .join(', ')
}
