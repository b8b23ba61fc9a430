import type { FlatCredentials } from '../hub/registration/flat-credentials.ts'
import { roleOn, whyNotOn } from '../hub/registration/flat-credentials.ts'
import type { Register } from '../hub/registration/register.ts'
import { MODULES_211, parseFlatCredentials, VERSION_211 } from '../ocpi/dialect-211.ts'
import { otherSide, type Side } from '../ocpi/sides.ts'
import type { ConfigurationModule, Methods } from './configuration.ts'
import { credentialsModule } from './credentials.ts'

/** As which the hub is met by partners of 2.1.1: as CPO by eMSPs, as eMSP by CPOs. */
export const HUB_SIDES: readonly Side[] = ['cpo', 'emsp']

/** What stands for OCPI 2.1.1 under `/ocpi/cpo` and under `/ocpi/emsp`. */
export type Side211 = Readonly<Record<'versions' | 'details' | 'credentials', ConfigurationModule>>

/** Where version details of 2.1.1 are that a partner gets, by the side on which the hub stands for it. */
export function detailsUrl211(publicUrl: string, hubSide: Side): string {
  return `${publicUrl}/ocpi/${hubSide}/${VERSION_211}`
}

/**
 * The configuration modules of 2.1.1 on one side. Endpoints say no interface role there, so each side has a list of versions of its own, and
 * what a partner registers as is told by where it does [version_information_endpoint; credentials].
 */
export function modulesOf211(of: {
  readonly hubSide: Side
  readonly publicUrl: string
  readonly flat: FlatCredentials
  readonly register: Register
}): Side211 {
  const { hubSide, publicUrl, flat, register } = of
  const base = detailsUrl211(publicUrl, hubSide)
  const side = otherSide(hubSide)
  const endpoints = ['credentials', ...MODULES_211].map((identifier) => ({ identifier, url: `${base}/${identifier}` }))
  return {
    versions: readOnly([{ version: VERSION_211, url: base }]),
    details: readOnly({ version: VERSION_211, endpoints }),
    credentials: credentialsModule({
      version: VERSION_211,
      register,
      own: ({ platform }, token) => flat({ platformId: platform.id, side, token }),
      parse(data, { platform }) {
        const known = platform.parties.flatMap(({ roles, ...party }) =>
          roles.filter(({ status }) => status !== 'GIVEN_UP').map(({ role }) => ({ ...party, role })),
        )
        const whyNot = whyNotOn(side, known, publicUrl)
        return whyNot === null ? parseFlatCredentials(data, roleOn(side, known)) : { kind: 'problem', detail: whyNot }
      },
    }),
  }
}

function readOnly(data: unknown): ConfigurationModule {
  const methods: Methods = { GET: async () => ({ kind: 'data', data }) }
  return { module: 'versions', methods, methodsBeforeRegistration: methods }
}
