import { Argument } from 'commander';
import { asciiJson } from '../../../../shared/json/index.ts';
import { SCRIPTS, SHELLS, type Shell } from '../../completion/index.ts';
import { type AddCommand, addHelp, EXIT, withJson } from '../../core/index.ts';
import type { CommonOptions } from '../../session/index.ts';

/** `farcall completion`. */
export const addCompletion: AddCommand = (program, { terminal }, exitWith) => {
  const command = withJson(program.command('completion'))
    .summary('set up completion in your shell')
    .description(
      'Prints a script with which a shell completes commands, options, request ids, hosts and labels.',
    )
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS));
  addHelp(command, {
    notes: [
      'Add the line for your shell to ~/.bashrc, ~/.zshrc (after compinit), or ~/.config/fish/config.fish.',
      'farcall must be in PATH. The candidates come from the controller of the current context.',
    ],
    examples: [
      'completion bash   # source <(farcall completion bash)',
      'completion zsh    # source <(farcall completion zsh)',
      'completion fish   # farcall completion fish | source',
    ],
  }).action((shell: Shell, { json }: CommonOptions) => {
    if (json) terminal.print(asciiJson({ shell, script: SCRIPTS[shell] }));
    else terminal.write(SCRIPTS[shell]);
    exitWith(EXIT.ok);
  });
};
