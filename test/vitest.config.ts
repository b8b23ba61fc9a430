import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/**
 * What partners and administrators see of a hub, and so the same on both runtimes. Of the console's pages some of each kind: all are made of
 * what the API answers.
 */
const CONTRACT = [
  'test/admin/both-legs.test.ts',
  'test/admin/accounts.test.ts',
  'test/admin/console/door.test.ts',
  'test/admin/console/sign-in-link.test.ts',
  'test/admin/checks.test.ts',
  'test/admin/console/overview-and-find.test.ts',
  'test/admin/open-id.test.ts',
  'test/admin/sessions.test.ts',
  'test/admin/audit.test.ts',
  'test/admin/traffic-and-search.test.ts',
  'test/admin/webhooks.test.ts',
  'test/partner/own-side.test.ts',
  'test/runtime/smoke.test.ts',
  'test/sandbox/sandbox.test.ts',
  'test/admin/hold.test.ts',
  'test/admin/replay.test.ts',
  'test/admin/resend.test.ts',
  'test/faults/forbidden-urls.test.ts',
  'test/faults/limits.test.ts',
  'test/faults/receiver.test.ts',
  'test/hub/corridor/hub-urls.test.ts',
  'test/hub/corridor/large-answers.test.ts',
  'test/hub/corridor/routing-direct.test.ts',
  'test/hub/corridor/who-is-calling.test.ts',
  'test/hub/get-all/get-all.test.ts',
  'test/hub/get-all/several-hubs.test.ts',
  'test/hub/message/logged-deliveries.test.ts',
  'test/hub/network/agreements.test.ts',
  'test/hub/network/several-hubs.test.ts',
  'test/hub/open-routing/open-routing.test.ts',
  'test/hub/presence/client-info-pull.test.ts',
  'test/hub/presence/client-info-push.test.ts',
  'test/hub/presence/presence.test.ts',
  'test/hub/push/drain/database-away.test.ts',
  'test/hub/push/attempt/delivery-log.test.ts',
  'test/hub/push/drain/steering.test.ts',
  'test/hub/push/whole-hub.test.ts',
  'test/hub/translate/connections-211/seen.test.ts',
  'test/hub/translate/between-versions.test.ts',
  'test/hub/registration/told-parties.test.ts',
  'test/hub/registration/versions-and-credentials.test.ts',
  'test/hub/translate/everybody-211.test.ts',
  'test/hub/translate/everybody.test.ts',
]

const EVERY_PROJECT = {
  // Node runs these sources as they are; `import.meta.resolve` is missing otherwise.
  experimental: { viteModuleRunner: false },
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // As `until` waits: a second, which is the default, is little where three files share two cores.
  expect: { poll: { timeout: 20_000 } },
  // Real processes on a machine that others share: once more in CI, where the report still names what was tried twice.
  retry: process.env['CI'] ? 1 : 0,
}

/** On Node. They hold up partners and the database for long, and find no time of their own among three files. */
const FAULTS = 'test/faults/**/*.test.ts'

// Tests mostly wait for each other's processes; left alone, a machine with two cores runs one file at a time. A process runs many files,
// and loads the hub once: half of the time would go into that else. So a file leaves nothing behind.
const SIDE_BY_SIDE = { maxWorkers: 3, isolate: false, sequence: { groupOrder: 0 } }
const BY_THEMSELVES = { maxWorkers: 2, sequence: { groupOrder: 1 } }

/**
 * What the Postgres driver throws behind everybody's back where a connection ends cleanly within a transaction (porsager/postgres#1208): it
 * would write ROLLBACK to a socket that is gone. A hub's process ends by it and is started anew; here the process is the tests' own.
 */
const OF_THE_DRIVER = /nextWrite [^\n]*postgres\/src\/connection\.js/

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    experimental: EVERY_PROJECT.experimental,
    onUnhandledError: ({ stack }) => !OF_THE_DRIVER.test(stack ?? ''),
    // One database server for both projects.
    globalSetup: ['test/global-setup.ts'],
    projects: [
      { test: { ...EVERY_PROJECT, ...SIDE_BY_SIDE, name: 'node', include: ['test/**/*.test.ts'], exclude: [FAULTS] } },
      {
        test: {
          ...EVERY_PROJECT,
          ...SIDE_BY_SIDE,
          name: 'workers',
          include: CONTRACT,
          env: { HUB_RUNTIME: 'workers' },
        },
      },
      { test: { ...EVERY_PROJECT, ...BY_THEMSELVES, name: 'faults', include: [FAULTS] } },
    ],
  },
})
