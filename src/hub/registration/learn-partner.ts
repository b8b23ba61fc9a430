import { roleHeldBy, VERSION_211 } from '../../ocpi/dialect-211.ts'
import { type Endpoint, isConfigurationModule } from '../../ocpi/modules.ts'
import type { Side } from '../../ocpi/sides.ts'
import { pickVersion } from '../../ocpi/versions.ts'
import { type EndpointOverride, withOverrides } from '../network/endpoint-overrides.ts'
import { type Errand, type PartnerAnswer, type PartnerClient, shown } from './partner-client.ts'

/** What the hub must know of a partner before it can route to it. */
export type Learnt =
  | {
      readonly kind: 'learnt'
      readonly version: string
      /** As announced. */
      readonly endpoints: readonly Endpoint[]
      /** As an administrator mended them. */
      readonly mended: readonly Endpoint[]
      /** Of listed endpoints that cannot be used what is wrong with each. */
      readonly leftOut: readonly string[]
    }
  | { readonly kind: 'unsupported-version'; readonly offered: readonly string[] }
  /** `leftOut`: what is wrong with each of those that were listed in vain. */
  | { readonly kind: 'no-matching-endpoints'; readonly leftOut: readonly string[] }
  | Exclude<PartnerAnswer<never>, { kind: 'ok' }>

/** Where a partner offers nothing but OCPI 2.1.1, and the hub cannot know as which side. */
export const NO_SIDE =
  'The partner speaks OCPI 2.1.1, where nothing says whether it is CPO or eMSP: the platform must have one party announced, in one role'

/**
 * Reads a partner's versions and the details of one, before anything is stored or answered [credentials: POST Method].
 *
 * @param versions the versions that will do, the best first
 * @param overrides what an administrator mended in the partner's endpoints: these count
 * @param side on which the partner stands, without which nothing can be made of OCPI 2.1.1; null: not known, or both @default null
 */
export async function learnPartner(
  client: PartnerClient,
  versionsUrl: string,
  errand: Errand,
  versions: readonly string[],
  overrides: readonly EndpointOverride[],
  side: Side | null = null,
): Promise<Learnt> {
  const listed = await client.getVersions(versionsUrl, errand)
  if (listed.kind !== 'ok') return listed
  const chosen = versions.flatMap((version) => pickVersion(listed.value, version) ?? [])[0]
  if (!chosen) return { kind: 'unsupported-version', offered: listed.value.map((offered) => offered.version) }
  const is211 = chosen.version === VERSION_211
  if (is211 && side === null) return { kind: 'refused', detail: NO_SIDE }
  const roleOf = is211 && side !== null ? (module: string) => roleHeldBy(side, module) : undefined
  const details = await client.getVersionDetails(chosen.url, errand, roleOf)
  if (details.kind !== 'ok') return details
  const { endpoints, leftOut } = details.value
  const mended = withOverrides(endpoints, overrides)
  for (const { url } of mended) {
    const verdict = client.mayCall(url)
    if (!verdict.ok) return { kind: 'forbidden-url', detail: `${shown(url)}: ${verdict.why}`, isEndpoint: true }
  }
  const isRoutable = mended.some((endpoint) => !isConfigurationModule(endpoint.identifier))
  if (!isRoutable) return { kind: 'no-matching-endpoints', leftOut }
  const version = versions.find((served) => pickVersion([chosen], served)) ?? chosen.version
  return { kind: 'learnt', version, endpoints, mended, leftOut }
}

/** The endpoints that a partner's version details list in vain, in a few words. */
export function describeLeftOut(leftOut: readonly string[]): string {
  const shown = leftOut.slice(0, 3).join('; ')
  return `Left out of the version details: ${shown}${leftOut.length > 3 ? ` and ${leftOut.length - 3} more` : ''}`
}
