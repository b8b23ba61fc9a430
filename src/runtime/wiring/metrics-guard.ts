import { bearerToken } from '../../admin/sign-in/bearer.ts'
import { isSameSecret } from '../shared/secrets.ts'

/**
 * Who may read the metrics: whoever brings METRICS_TOKEN, or the administrators' token. Where there is no METRICS_TOKEN and an ingress
 * keeps the address from the public, whoever reaches it.
 */
export function createMetricsGuard(ports: {
  readonly metricsToken: string | null
  readonly isBehindIngress: boolean
  readonly isAdminToken: (token: string) => boolean
  readonly onRefused: () => void
}): (authorization: string | undefined) => boolean {
  const { metricsToken, isAdminToken, onRefused } = ports
  const isOpen = metricsToken === null && ports.isBehindIngress
  return (authorization) => {
    if (isOpen) return true
    const token = bearerToken(authorization)
    if (token === undefined) return false
    const isKnown = (metricsToken !== null && isSameSecret(token, metricsToken)) || isAdminToken(token)
    if (!isKnown) onRefused()
    return isKnown
  }
}
