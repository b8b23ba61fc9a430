/** The runtime that this run's hubs are on: Node, or workerd, the runtime of Cloudflare Workers. */
export const HUB_RUNTIME = process.env['HUB_RUNTIME'] === 'workers' ? 'workers' : 'node'

/**
 * Whether this run's hubs are on Node, for `test.runIf(onNode('Front door'))`: a test of what holds there alone.
 *
 * @param difference the row of the table in docs/operators.md that says what Workers do instead
 */
export function onNode(difference: string): boolean {
  void difference
  return HUB_RUNTIME === 'node'
}
