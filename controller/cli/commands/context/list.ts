import { asciiJson } from '../../../../shared/json/index.ts';
import { printable } from '../../../views/index.ts';
import { type AddCommand, addHelp, EXIT, type ExitCode, withConfig, withJson } from '../../core/index.ts';
import { renderTable } from '../../output/index.ts';
import { type CliContext, type CommonOptions, readIdentityFile } from '../../session/index.ts';

/** `farcall context list`. */
export const addContextList: AddCommand = (parent, context, exitWith) => {
  const command = withConfig(withJson(parent.command('list')))
    .summary('list the contexts of your configuration')
    .description('Lists the contexts of your configuration. The current one has a star.');
  addHelp(command, { examples: ['context list', 'context list --json'] }).action((options: CommonOptions) =>
    exitWith(listContexts(context, options)),
  );
};

function listContexts({ terminal, env }: CliContext, options: CommonOptions): ExitCode {
  const file = readIdentityFile({ configFile: options.config, env });
  const current = options.context ?? (env['FARCALL_CONTEXT'] || file.current);
  const list = [...file.contexts].map(([name, { controller, name: operator, key }]) => ({
    ...{ context: name, isCurrent: name === current },
    ...{ controller: controller ?? null, name: operator ?? null, key: key ?? null },
  }));
  if (options.json) {
    terminal.print(asciiJson(list));
    return EXIT.ok;
  }
  const rows = list.map(({ context, isCurrent, controller, name, key }) => [
    { text: isCurrent ? '*' : '' },
    { text: context || '(the only one)' },
    ...[controller, name, key].map(text => ({ text: printable(text ?? '') })),
  ]);
  const headers = ['', 'CONTEXT', 'CONTROLLER', 'NAME', 'KEY'];
  for (const line of renderTable({
    headers,
    rows,
    flexible: [4, 2],
    droppable: [4],
    width: terminal.columns,
  }))
    terminal.print(line);
  return EXIT.ok;
}
