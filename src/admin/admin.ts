import { createAdminApp } from './app.ts'
import { createConsole } from './console/console.ts'
import type { AdminPorts } from './ports.ts'

/** Answers requests for `/admin` and what is below it: the API below `/admin/api`, all else is the console's. */
export type Admin = (request: Request, environment: object) => Response | Promise<Response>

/** Puts together what administrators are served: the API for programs, and the console, which asks the API, for people. */
export function createAdmin(ports: AdminPorts): Admin {
  const api = createAdminApp(ports)
  const pages = createConsole(ports, (request, environment) => api.fetch(request, environment))
  return (request, environment) =>
    new URL(request.url).pathname.startsWith('/admin/api/')
      ? api.fetch(request, environment)
      : pages.fetch(request, environment)
}
