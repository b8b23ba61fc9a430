import type { LogObject } from './objects/ports.ts'

const ELSEWHERE = '# On Workers, see also the metrics of the platform and the message log\n'

/** What operators can read of all of Workers, as Prometheus text. What cannot be had is left out. */
export async function readWorkersMetrics(logObject: Pick<LogObject, 'countedDeliveries'>): Promise<string> {
  const counted = await logObject.countedDeliveries().catch(() => null)
  if (counted === null) return ELSEWHERE
  const name = 'ocpi_hub_message_log_counted_total'
  const help = `# HELP ${name} Deliveries that succeeded, beyond those that the message log stores\n`
  return `${ELSEWHERE}${help}# TYPE ${name} counter\n${name} ${counted}\n`
}
