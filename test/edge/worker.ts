// The Worker as the tests run it: the hub's own, with what only tests may do.
export { default, Log } from '../../src/runtime/workers.ts'
