import { expect, it } from 'vitest'
import { findOriginal } from '../../src/admin/use-cases/original-push.ts'
import type { MessageDetail } from '../../src/hub/message/message-query.ts'
import type { RoutingTable } from '../../src/hub/network/routing-table.ts'
import { platformOf } from '../hub/translate/platform.ts'

it('a delivery is not sent again in a version that its sender began to speak after it', async () => {
  const message = {
    ...{
      kind: 'delivery',
      module: 'locations',
      method: 'PUT',
      path: '/NL/CPO/L1',
      failure: 'refused',
      conversion: null,
    },
    ...{ fromPlatformId: 'cpo', toPlatformId: 'emsp', correlationId: 'c', requestId: 'r' },
  } as MessageDetail
  const platforms = new Map([platformOf('cpo', '2.3.0'), platformOf('emsp', '2.2.1')].map((each) => [each.id, each]))
  const table = { platforms } as Partial<RoutingTable> as RoutingTable
  expect(await findOriginal(async () => null, message, table)).toMatchObject({
    kind: 'gone',
    detail: expect.stringContaining('another OCPI version'),
  })
})
