import type { Platform } from '../hub/network/routing-table.ts'
import { soleSide } from '../hub/network/sole-side.ts'
import { VERSION_211 } from '../ocpi/dialect-211.ts'
import { FUNCTIONAL_MODULES, isConfigurationModule, MODULES_OF_NO_SIDE } from '../ocpi/modules.ts'
import { otherSide } from '../ocpi/sides.ts'
import type { ConfigurationModule, Methods } from './configuration.ts'
import { detailsUrl211 } from './sides-211.ts'

/** OCPI versions the hub serves, the best first. Whatever hangs on the list of versions is derived from this one. */
export const VERSIONS = ['2.3.0', '2.2.1'] as const

/** All versions that the hub speaks, the best first: 2.1.1 has URLs of its own. */
export const SPOKEN: readonly string[] = [...VERSIONS, VERSION_211]

/**
 * The list of versions the hub serves [version_information_endpoint: Version information endpoint]. OCPI 2.1.1 is on it for platforms that
 * stand on one side only: which of its URLs are theirs is clear then.
 */
export function versionsModule(publicUrl: string, versions: readonly string[]): ConfigurationModule {
  const list = versions.map((version) => ({ version, url: `${publicUrl}/ocpi/${version}` }))
  const methods: Methods = {
    GET: async ({ caller }) => {
      const side = soleSide(caller.platform)
      if (side === null) return { kind: 'data', data: list }
      return { kind: 'data', data: [...list, { version: VERSION_211, url: detailsUrl211(publicUrl, otherSide(side)) }] }
    },
  }
  return { module: 'versions', methods, methodsBeforeRegistration: methods }
}

/**
 * What the hub offers in one version. It stands for everyone, so every functional module is there in both interface roles,
 * at different URLs since their paths would collide. Those that came with 2.3.0 are in its details alone. Custom modules show only to
 * platforms that announced them themselves [version_information_endpoint: Version details endpoint, Custom Modules].
 */
export function versionDetailsModule(publicUrl: string, version: string): ConfigurationModule {
  const base = `${publicUrl}/ocpi/${version}`
  const methods: Methods = {
    GET: async ({ caller }) => ({
      kind: 'data',
      data: {
        version,
        endpoints: [
          { identifier: 'credentials', role: 'SENDER', url: `${base}/credentials` },
          { identifier: 'hubclientinfo', role: 'SENDER', url: `${base}/hubclientinfo` },
          ...modulesFor(version, caller.platform).flatMap((identifier) => [
            { identifier, role: 'SENDER', url: `${base}/sender/${identifier}` },
            { identifier, role: 'RECEIVER', url: `${base}/receiver/${identifier}` },
          ]),
        ],
      },
    }),
  }
  return { module: 'versions', methods, methodsBeforeRegistration: methods }
}

function modulesFor(version: string, { endpoints }: Platform): readonly string[] {
  const own = [...FUNCTIONAL_MODULES, ...(version === '2.3.0' ? MODULES_OF_NO_SIDE : [])]
  const announced = [...endpoints.keys()].map((key) => key.slice(0, key.lastIndexOf('/')))
  return [...new Set([...own, ...announced.filter((module) => !isConfigurationModule(module))])]
}
