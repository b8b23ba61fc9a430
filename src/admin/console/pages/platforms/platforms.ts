import type { Hono } from 'hono'
import type { ConsoleEnv } from '../../console-env.ts'
import { addPlatformActions } from './action-pages.ts'
import { addConversionPages } from './conversion.ts'
import { addHistoryPages } from './history.ts'
import { addInterfacePages } from './interfaces.ts'
import { addPlatformList } from './list.ts'
import { addPartnerLinkPages } from './partner-links.ts'
import { addPlatformPage } from './platform.ts'
import { addRolePages } from './roles.ts'
import { addSettingsPages } from './settings.ts'

/** All that is seen and done of platforms. */
export function addPlatformPages(app: Hono<ConsoleEnv>): void {
  addPlatformList(app)
  addPlatformPage(app)
  addHistoryPages(app)
  addPlatformActions(app)
  addRolePages(app)
  addSettingsPages(app)
  addConversionPages(app)
  addInterfacePages(app)
  addPartnerLinkPages(app)
}
