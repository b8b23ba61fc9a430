import { smokeTest } from '../../support/smoke.ts'
import { startWorkersHub } from '../../support/workers-hub.ts'

smokeTest(() => startWorkersHub({ LOG_LEVEL: 'silent' }))
