import { isObject, kindOf } from '../../../ocpi/parsed.ts'
import { beneath, type Dated } from '../lists.ts'
import { judgedAs } from '../probe.ts'
import { type Answered, isGood, statusCodeOf } from '../reading.ts'
import { differences } from '../same.ts'
import { fail, judged, pass, quoted, saidOf, type Verdict, warn } from '../verdict.ts'
import type { Step } from './step.ts'

/** An ID that nobody has. */
export const NOBODYS_ID = 'OCPI-HUB-CHECK-NOSUCH'

/** Of the lists only locations have a GET of one object at their owner [mod_locations: Sender Interface]. */
export const OBJECT_GET: Step = {
  probes: ['object-get'],
  calls: 1,
  whyNot: ({ page }) => (page.oldest ? null : 'There is no object in the list'),
  run: async ({ url, module, party, page }, { caller }) => {
    const oldest = page.oldest as Dated
    const reading = await caller.call({ url: beneath(url, oldest.id), module, to: party })
    return [
      judgedAs(
        'object-get',
        judged(reading, (answer) => judgeObject(answer, oldest)),
        reading,
      ),
    ]
  },
}

export const OBJECT_UNKNOWN: Step = {
  probes: ['object-unknown'],
  calls: 1,
  whyNot: () => null,
  run: async ({ url, module, party }, { caller }) => {
    const reading = await caller.call({ url: beneath(url, NOBODYS_ID), module, to: party })
    return [judgedAs('object-unknown', judged(reading, judgeUnknown), reading)]
  },
}

function judgeObject(answer: Answered, { id, object }: Dated): Verdict {
  if (!isGood(answer)) return fail(`GET of ${quoted(id)} answered ${saidOf(answer)}`)
  const data = answer.envelope?.data
  const isListOfOne = Array.isArray(data) && data.length === 1
  const got: unknown = isListOfOne ? data[0] : data
  if (!isObject(got)) return fail(`GET of ${quoted(id)} brought ${kindOf(got)}`)
  const { other, lost } = differences(object, got)
  if (other.includes('last_updated')) return pass('It has changed since the list was read')
  const paths = [...other, ...lost].map((path) => quoted(path, 40))
  if (paths.length > 0) return fail(`${quoted(id)} by itself differs from the list in ${paths.slice(0, 5).join(', ')}`)
  return isListOfOne ? warn(`${quoted(id)} comes in a list of its own`) : pass(quoted(id))
}

function judgeUnknown(answer: Answered): Verdict {
  const said = saidOf(answer)
  const code = statusCodeOf(answer)
  if (answer.status === 404 || (code !== null && code >= 2000 && code < 3000)) return pass(said)
  if (answer.status >= 500 || (code !== null && code >= 3000)) return fail(`An unknown ID is answered with ${said}`)
  if (!isGood(answer)) return warn(`An unknown ID is answered with ${said}`)
  const data = answer.envelope?.data
  const isNothing = data === undefined || data === null || (Array.isArray(data) && data.length === 0)
  return isNothing
    ? warn(`An unknown ID is answered with ${said} and no data`)
    : fail(`An unknown ID is answered with ${said} and ${kindOf(data)}`)
}
