import type { Command } from 'commander'
import { usage } from '../exit.ts'
import type { Io } from '../io.ts'
import { type Profiles, profilesPath, readProfiles, writeProfiles } from '../profiles.ts'
import { confirm, type GlobalOptions, readToken, screenOf } from '../session.ts'
import { hubUrl } from '../target.ts'
import { table } from '../text/screen.ts'

/** Hubs that are remembered with their keys. */
export function addProfileCommands(program: Command, io: Io): void {
  const profile = program.command('profile').description('hubs that are remembered, each with a key')
  profile
    .command('add')
    .description('remember a hub; the key is asked for, or read from stdin')
    .argument('<name>', 'how you call it')
    .argument('<address>', 'https://hub.example')
    .option('--key-stdin', 'read the key from stdin')
    .addHelpText('after', '\nExample:\n  ocpi-hub profile add production https://hub.example')
    .action(async (name: string, address: string, { keyStdin }: { readonly keyStdin?: boolean }) => {
      if (!/^[\w.-]{1,50}$/.test(name)) throw usage(`${name}: expected a name of letters, digits, dots and dashes`)
      const url = hubUrl(address)
      const key = await readToken(io, keyStdin === true, 'key', '--key-stdin')
      const { current, profiles } = await readProfiles(io.env)
      await writeProfiles(io.env, { current: current ?? name, profiles: { ...profiles, [name]: { url, key } } })
      io.out(`${name} is kept in ${profilesPath(io.env)}\n`)
    })
  profile
    .command('list')
    .description('list the hubs that are remembered, without their keys')
    .addHelpText('after', '\nExample:\n  ocpi-hub profile list')
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      const { current, profiles } = await readProfiles(io.env)
      const all = Object.entries(profiles).map(([name, { url }]) => ({ name, url, in_use: name === current }))
      if (options.json) return io.out(`${JSON.stringify(all)}\n`)
      const rows = all.map(({ name, url, in_use }) => [in_use ? '●' : '', name, url])
      io.out(
        rows.length === 0
          ? 'None: ocpi-hub profile add NAME ADDRESS\n'
          : table(screenOf(io, options), ['', 'NAME', 'HUB'], rows),
      )
    })
  profile
    .command('use')
    .description('take this one where none is named')
    .argument('<name>', 'as the list shows it')
    .addHelpText('after', '\nExample:\n  ocpi-hub profile use production')
    .action(async (name: string) => {
      const kept = await readProfiles(io.env)
      await writeProfiles(io.env, { ...kept, current: known(kept, name) })
      io.out(`${name} is in use\n`)
    })
  profile
    .command('remove')
    .description('forget a hub and its key')
    .argument('<name>', 'as the list shows it')
    .addHelpText('after', '\nExample:\n  ocpi-hub profile remove staging --yes')
    .action(async (name: string, _: unknown, command: Command) => {
      const kept = await readProfiles(io.env)
      known(kept, name)
      await confirm(io, command.optsWithGlobals<GlobalOptions>().yes === true, `The key of ${name} is forgotten.`)
      const { [name]: _forgotten, ...profiles } = kept.profiles
      await writeProfiles(io.env, { current: kept.current === name ? null : kept.current, profiles })
      io.out(`${name} is forgotten\n`)
    })
}

function known({ profiles }: Profiles, name: string): string {
  if (!Object.hasOwn(profiles, name)) throw usage(`${name}: no profile has this name; ocpi-hub profile list shows them`)
  return name
}
