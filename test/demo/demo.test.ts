import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname

type Demo = { readonly child: ChildProcess; readonly said: () => string; readonly ended: Promise<number | null> }

const running: Demo[] = []

function startDemo(...flags: string[]): Demo {
  const child = spawn(process.execPath, ['src/demo/run.ts', ...flags], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const demo = { child, said: () => text, ended }
  running.push(demo)
  return demo
}

/** Resolves once the demo wrote this; rejects with all it wrote when it ends before. */
function saying(demo: Demo, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => demo.said().includes(what) && resolve()
    demo.child.stdout?.on('data', look)
    look()
    void demo.ended.then(() => reject(new Error(`The demo ended without saying ${what}. It said:\n${demo.said()}`)))
  })
}

afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
    await ended
  }
})

const IDLE = 'Ctrl-C ends everything'
const hubOf = (demo: Demo) => /^ {2}hub +(http\S+)/m.exec(demo.said())?.[1] ?? ''

describe('The demo', { timeout: 120_000 }, () => {
  test.each([
    { where: 'on Node', flags: ['--once'] },
    { where: 'in workerd', flags: ['--edge', '--once'] },
  ])('one round $where has the expected outcome in every step, and the exit code says so', async ({ flags }) => {
    const demo = startDemo(...flags)
    const code = await demo.ended
    expect(demo.said()).toMatch(/Summary: (\d+) of \1 steps as expected/)
    expect(demo.said()).not.toContain('FAIL')
    expect(code).toBe(0)
    const messages = demo.said().match(/^ +\S+ → \S+ +\w+ +.+ \d{3} \d{4} +\d+\.\d ms$/gm) ?? []
    for (const module of [
      'credentials',
      'locations',
      'tariffs',
      'tokens',
      'commands',
      'sessions',
      'chargingprofiles',
      'cdrs',
      'hubclientinfo',
    ]) {
      expect(messages.some((line) => line.includes(` ${module} `))).toBe(true)
    }
    for (const what of [
      /hub → NL-EMA +locations +PATCH \S+: CHARGING +200 1000/,
      /queue of DE-EMB +waiting +[1-9]/,
      /hub → NL-CPA +hubclientinfo +PUT NL\/EMA: OFFLINE +200 1000/,
      /queue of NL-EMA +waiting +[1-9].* paused: offline/,
      /hub → NL-EMA +hubclientinfo +PUT NL\/CPA: CONNECTED +200 1000/,
      /NL-EMA → DE-CPC +locations +GET page +200 4001/,
      /DE-CPC → NL-HUB +locations +PUT LOC1 +200 1000/,
      /NL-CPA → hub +tokens +POST authorize \S+: ALLOWED +200 1000/,
      /DE-CPC → hub +tokens +POST authorize \S+: no +200 4001/,
      /NO-EMC → BE-CPD +commands +POST START_SESSION: ACCEPTED +200 1000/,
      /BE-CPD → hub +cdrs +POST CPD-S0001-CDR: \S+ EUR +201 1000/,
      /hub → NO-EMC +tariffs +PUT NO\/CPE\/STANDARD +200 1000/,
      /NL-EMA → NL-HUB +locations +GET page: 19 of 19 +200 1000/,
    ]) {
      expect(demo.said()).toMatch(what)
    }
    // What 2.2.1 cannot say is withheld from who speaks it.
    expect(demo.said()).not.toMatch(/hub → (?!NO-EMC)\S+ +tariffs +PUT NO\/CPE\/STANDARD/)
    // Who agreed with nobody is announced and never more, and nothing of it arrives.
    expect(demo.said()).toMatch(/hub → \S+ +hubclientinfo +PUT DE\/CPC: PLANNED/)
    expect(demo.said()).not.toMatch(/hub → \S+ +hubclientinfo +PUT DE\/CPC: (?!PLANNED)/)
    expect(demo.said()).not.toMatch(/hub → DE-CPC +hubclientinfo +PUT \S+: (?!PLANNED)/)
    expect(demo.said()).not.toMatch(/hub → \S+ +locations +PUT DE\/CPC/)
  })

  test('it stays up with working addresses, survives being killed, and Ctrl-C ends all of it', async () => {
    const killed = startDemo()
    await saying(killed, IDLE)
    const token = /^ {2}admin token +(\S+)/m.exec(killed.said())?.[1]
    const listed = await fetch(`${hubOf(killed)}/admin/api/platforms`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(((await listed.json()) as { status: string }[]).map(({ status }) => status)).toEqual(
      Array(8).fill('CONNECTED'),
    )
    const agreed = await fetch(`${hubOf(killed)}/admin/api/agreements`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(((await agreed.json()) as { effect: string }[]).map(({ effect }) => effect)).toEqual(Array(12).fill('allow'))
    const [link = ''] = /http\S+\/admin\/sign-in\?ticket=\S+/.exec(killed.said()) ?? []
    const entered = await fetch(link, { redirect: 'manual' })
    expect(entered.headers.get('Location')).toBe('/admin?window=1h')
    const [cookie = ''] = entered.headers.getSetCookie()[0]?.split(';') ?? []
    expect(await (await fetch(`${hubOf(killed)}/admin`, { headers: { cookie } })).text()).toContain('<h1>Overview</h1>')
    killed.child.kill('SIGKILL')
    // Its hub lives on and holds its end of the pipes.
    killed.child.stdout?.destroy()
    killed.child.stderr?.destroy()
    await killed.ended

    const next = startDemo()
    await saying(next, IDLE)
    expect(next.said()).toMatch(/Summary: (\d+) of \1 steps as expected/)
    next.child.kill('SIGINT')
    expect(await next.ended).toBe(0)
    for (const hub of [hubOf(killed), hubOf(next)]) await expect(fetch(hub)).rejects.toThrow('fetch failed')
  })
})
