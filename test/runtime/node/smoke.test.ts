import { startTestHub } from '../../support/hub.ts'
import { smokeTest } from '../../support/smoke.ts'

smokeTest(() => startTestHub())
