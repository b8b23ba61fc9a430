import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readSettings } from '../../src/runtime/settings/settings.ts'
import { freePort } from '../support/free-port.ts'
import { startTestHub } from '../support/hub.ts'

// What of the image can be shown without building it.

const placeOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const read = (path: string) => readFileSync(placeOf(path), 'utf8')
const dockerfile = read('Dockerfile')
const manifest = JSON.parse(read('package.json'))

/** What stands behind an instruction of the Dockerfile, wherever it is given. */
const given = (instruction: string) =>
  [...dockerfile.matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))].map(([, text]) => text ?? '')

const copied = given('COPY').flatMap((text) => text.split(' ').slice(0, -1))

describe('the container', () => {
  test('is built of files that are there and that its ignore file lets through', () => {
    const letThrough = new Set(
      read('.dockerignore')
        .split('\n')
        .filter((line) => line.startsWith('!'))
        .map((line) => line.slice(1)),
    )
    expect(copied.filter((path) => !existsSync(placeOf(path)))).toEqual([])
    expect(new Set(copied)).toEqual(letThrough)
  })

  test('holds all that the hub reads: the sources it starts from, the migrations, the lock file', () => {
    for (const path of ['src', 'migrations', 'package.json', 'package-lock.json']) expect(copied).toContain(path)
  })

  test('starts what npm start does, and not as root', () => {
    const command = JSON.parse(given('CMD')[0] ?? '[]') as string[]
    const arenas = /\bMALLOC_ARENA_MAX=\d+/.exec(given('ENV').join(' '))?.[0]
    expect(`${arenas} exec ${command.join(' ')}`).toBe(manifest.scripts.start)
    expect(given('USER')).toEqual(['node'])
  })

  test('sets only settings that the hub has, and listens on the port that it tells', () => {
    const environment = Object.fromEntries(
      given('ENV')
        .flatMap((text) => text.split(' '))
        .map((pair) => pair.split('=')),
    )
    const { settings, problems } = readSettings(environment)
    expect(problems).toEqual([])
    expect(settings).toMatchObject({ host: '0.0.0.0', dataDir: '/data' })
    expect(given('EXPOSE')).toEqual([String(settings.port)])
    expect(given('VOLUME')).toEqual([settings.dataDir])
  })

  test('is healthy while a hub answers, and not when none does', async () => {
    const [, text = '[]'] = /^HEALTHCHECK .*?CMD (\[.*\])$/m.exec(dockerfile) ?? []
    const [program, ...args] = JSON.parse(text) as string[]
    expect(program).toBe('node')
    const check = async (PORT: string) => {
      const [code] = await once(spawn(process.execPath, args, { env: { PORT }, stdio: 'ignore' }), 'exit')
      return code as number
    }
    const hub = await startTestHub()
    expect(await check(new URL(hub.url).port)).toBe(0)
    await hub.close()
    expect(await check(String(await freePort()))).toBe(1)
  })
})
