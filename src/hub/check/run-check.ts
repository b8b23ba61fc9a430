import { createMaskToken } from '../message/mask-token.ts'
import { createCaller } from './caller.ts'
import { type Finding, findingKey, PROBES } from './check.ts'
import { probeLists } from './check-lists.ts'
import { listsOf } from './lists.ts'
import type { AskedCheck, CheckPorts } from './ports.ts'
import { findingOf, type Judged, judgedAs, type Place, WHOLE_PLATFORM } from './probe.ts'
import { answerProbes } from './probes/answers.ts'
import { probeConnection } from './probes/connection.ts'
import { CONSENTED_CALLS, probeByConsent } from './probes/consented.ts'
import { judgeSpeed, probeAuthorize, probeGzip, probeMethod, probeTokens, probeUnknownPath } from './probes/edges.ts'
import { skipped } from './verdict.ts'
import { asOfVersion, is211 } from './version-211.ts'

/** Calls that are kept back for what is asked behind the lists: a token, gzip, a path, a method; and two wrong tokens. */
const EDGE_CALLS = 4
const TOKEN_CALLS = 2

/**
 * Checks how a platform speaks OCPI: one call at a time, at most two a second, `CHECK_CALLS_MOST` in all, within five minutes. Gives each
 * finding as it is made, each probe once for each list it is about; whatever the partner does ends in one, and nothing is thrown but what
 * the ports throw. With an aborted signal it just ends.
 */
export async function* runCheck(ports: CheckPorts, asked: AskedCheck): AsyncGenerator<Finding, void, undefined> {
  const mask = createMaskToken(asked.platform.token)
  const told = new Set(asked.already.map(findingKey))
  const probed = new Set(asked.already.map(({ probe }) => probe))
  for await (const [place, judged] of allProbes(ports, asked)) {
    if (asked.signal.aborted) return
    const finding = findingOf(asOfVersion(judged, asked.platform), place, mask)
    probed.add(finding.probe)
    if (told.has(findingKey(finding))) continue
    told.add(findingKey(finding))
    yield finding
  }
  for (const { name, isConsented } of PROBES) {
    if (asked.signal.aborted) return
    if (probed.has(name)) continue
    const why = isConsented ? whyNotAsked(asked) : 'There was nothing to look at'
    yield findingOf(judgedAs(name, skipped(why)), WHOLE_PLATFORM, mask)
  }
}

function whyNotAsked({ platform, consent }: AskedCheck): string {
  return consent && is211(platform)
    ? 'The objects that the hub pushes in a check are none of OCPI 2.1.1'
    : 'It changes something at the platform, and was not asked for'
}

type Placed = readonly [Place, Judged]

async function* allProbes(ports: CheckPorts, asked: AskedCheck): AsyncGenerator<Placed, void, undefined> {
  const { platform, consent } = asked
  const caller = createCaller(ports, asked)
  const wasProbed = (name: string) => asked.already.some(({ probe }) => probe === name)
  const consents = consent && !is211(platform) && !wasProbed('push-location')
  const skipsTokens = asked.skipsWrongToken
  const tokenCalls = skipsTokens ? 0 : TOKEN_CALLS
  const consentedCalls = consents ? CONSENTED_CALLS : 0

  const endpoints = yield* wholePlatform(probeConnection(caller, ports, platform))
  const lists = listsOf(endpoints, platform.parties)
  caller.keepBack(EDGE_CALLS + consentedCalls + tokenCalls)
  yield* probeLists(caller, ports, lists, platform)

  caller.keepBack(tokenCalls)
  const [first] = lists
  const list = first
    ? { url: first.url, module: first.module, to: first.party }
    : { url: platform.versionsUrl, module: 'versions' }
  yield of(
    await probeAuthorize(
      caller,
      lists.find(({ module }) => module === 'tokens'),
    ),
  )
  yield of(await probeGzip(caller, list))
  if (consents) yield* wholePlatform(probeByConsent(caller, ports, platform, endpoints))
  for (const judged of answerProbes(caller.readings(), ports.hub)) yield of(judged)
  yield of(await probeUnknownPath(caller, platform))
  yield of(await probeMethod(caller, first))
  yield of(judgeSpeed(caller.readings(), ports.timeoutMs))
  caller.keepBack(0)
  if (!wasProbed('wrong-token')) yield* wholePlatform(probeTokens(caller, list, skipsTokens))
}

function of(judged: Judged): Placed {
  return [WHOLE_PLATFORM, judged]
}

async function* wholePlatform<R>(probes: AsyncGenerator<Judged, R, undefined>): AsyncGenerator<Placed, R, undefined> {
  for (;;) {
    const { value, done } = await probes.next()
    if (done) return value
    yield of(value)
  }
}
