import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // Node runs these sources as they are; `import.meta.resolve` is missing otherwise.
    experimental: { viteModuleRunner: false },
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Real processes on a machine that others share: once more in CI, where the report still names what was tried twice.
    retry: process.env['CI'] ? 1 : 0,
  },
})
