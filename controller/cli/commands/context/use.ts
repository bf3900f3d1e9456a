import { asciiJson } from '../../../../shared/json/index.ts';
import { printable } from '../../../views/index.ts';
import { type AddCommand, addHelp, EXIT, type ExitCode, withConfig, withJson } from '../../core/index.ts';
import {
  type CliContext,
  type CommonOptions,
  readIdentityFile,
  writeCurrentContext,
} from '../../session/index.ts';

/** `farcall context use`. */
export const addContextUse: AddCommand = (parent, context, exitWith) => {
  const command = withConfig(withJson(parent.command('use')))
    .summary('change the current context')
    .description(
      'Changes the current context, which is used if neither --context nor FARCALL_CONTEXT is set.',
    )
    .argument('<context>', 'name of the context');
  addHelp(command, { examples: ['context use lab', 'context use prod --config ~/lab.json'] }).action(
    (name: string, options: CommonOptions) => exitWith(setContext(context, name, options)),
  );
};

function setContext({ terminal, env }: CliContext, name: string, options: CommonOptions): ExitCode {
  const file = readIdentityFile({ configFile: options.config, env });
  writeCurrentContext(file, name);
  if (options.json) terminal.print(asciiJson({ context: name, file: file.path }));
  else terminal.print(`The current context is now ${name} (${file.path}).`);
  const overriding = env['FARCALL_CONTEXT'];
  if (overriding && overriding !== name)
    terminal.warn(`In this shell, FARCALL_CONTEXT=${printable(overriding)} overrides it. Unset it.`);
  return EXIT.ok;
}
