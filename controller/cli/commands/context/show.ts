import { Argument } from 'commander';
import { asciiJson } from '../../../../shared/json/index.ts';
import { printable } from '../../../views/index.ts';
import { type AddCommand, addHelp, EXIT, type ExitCode, withConfig, withJson } from '../../core/index.ts';
import {
  type CliContext,
  type CommonOptions,
  type OperatorIdentity,
  readIdentity,
  readIdentityFile,
} from '../../session/index.ts';

/** `farcall context show`. */
export const addContextShow: AddCommand = (parent, context, exitWith) => {
  const command = withConfig(withJson(parent.command('show')))
    .summary('show your identity and the controller')
    .description('Shows your identity and the controller, as configuration and environment define them.')
    .addArgument(new Argument('[context]', 'name of the context; default: the current one'));
  addHelp(command, { examples: ['context show', 'context show lab --json'] }).action(
    (name: string | undefined, options: CommonOptions) => exitWith(showContext(context, name, options)),
  );
};

const SHOWN: readonly (readonly [label: string, member: keyof OperatorIdentity])[] = [
  ['context', 'contextName'],
  ['controller', 'controller'],
  ['site', 'site'],
  ['name', 'name'],
  ['key', 'key'],
  ['ca', 'caFile'],
  ['roots', 'rootsFile'],
  ['broker', 'broker'],
  ['broker ca', 'brokerCaFile'],
];

function showContext(
  { terminal, env }: CliContext,
  name: string | undefined,
  options: CommonOptions,
): ExitCode {
  const sources = { configFile: options.config, contextName: name ?? options.context, env };
  const identity = readIdentity(sources);
  if (options.json) {
    terminal.print(asciiJson({ ...identity, file: readIdentityFile(sources).path }));
    return EXIT.ok;
  }
  for (const [label, member] of SHOWN)
    if (identity[member] !== undefined) terminal.print(`${label.padEnd(11)}${printable(identity[member])}`);
  return EXIT.ok;
}
