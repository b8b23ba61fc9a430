import type { Command } from 'commander'

const SHELLS = {
  bash: `_ocpi_hub() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(ocpi-hub complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _ocpi_hub ocpi-hub
`,
  zsh: `#compdef ocpi-hub
_ocpi_hub() { compadd -- \${(f)"$(ocpi-hub complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"} }
compdef _ocpi_hub ocpi-hub
`,
  fish: `complete -c ocpi-hub -a '(ocpi-hub complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
} as const

export const SHELL_NAMES = Object.keys(SHELLS) as (keyof typeof SHELLS)[]

/** A script for a shell: it asks this program what may stand where the cursor is. */
export function completionScript(shell: keyof typeof SHELLS): string {
  return SHELLS[shell]
}

/**
 * What may stand in the place of the last of these words: commands, options or choices.
 *
 * @param words behind `ocpi-hub`; the last may be empty: `['queues', '']`
 */
export function completionsOf(program: Command, words: readonly string[]): string[] {
  const before = words.slice(0, -1)
  const begun = words.at(-1) ?? ''
  let command = program
  for (const word of before) command = commandsOf(command).find((one) => isNamed(one, word)) ?? command
  const options = [...command.options, ...program.options]
  const last = options.find(({ long, required }) => required && long === before.at(-1))
  const all = last
    ? (last.argChoices ?? [])
    : begun.startsWith('-')
      ? [...options.flatMap(({ long }) => long ?? []), '--help']
      : [
          ...commandsOf(command).map((one) => one.name()),
          ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
        ]
  return [...new Set(all)].filter((word) => word.startsWith(begun))
}

function isNamed(command: Command, word: string): boolean {
  return command.name() === word || command.aliases().includes(word)
}

function commandsOf(command: Command): Command[] {
  return command.commands.filter((one) => one.name() !== 'complete')
}
