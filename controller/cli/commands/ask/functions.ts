import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import type { FunctionList } from '../../../../shared/messages/index.ts';
import { printable } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  parseLimit,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { renderFunctions } from '../../output/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';

interface FunctionsOptions extends CommonOptions {
  readonly hosts: string;
  readonly limit: string;
}

/** `farcall functions`. */
export const addFunctions: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('functions'))
    .summary("list functions of the fleet's kernels")
    .description(
      "Lists functions of the fleet's kernels with their prototypes. Kernels with the same prototype share a line.",
    )
    .argument('<pattern>', 'a pattern of function names, with * and ?')
    .option('--hosts <selector>', 'the hosts whose kernels are searched', '*')
    .option('--limit <n>', 'how many functions to list, at most', '100');
  addHelp(command, {
    notes: [
      'The controller asks one host of each kernel build, once. No other host is contacted.',
      'The numbers before a function are those of the kernels below the table that have it.',
    ],
    examples: [
      "functions 'wake_up_*'",
      "functions 'tcp_*sendmsg*' --hosts 'kernel~6.12' --limit 20",
      'functions wake_up_process --json',
    ],
    exits: REMOTE_EXITS,
  }).action(async (pattern: string, options: FunctionsOptions) =>
    exitWith(await functions(context, pattern, options)),
  );
};

async function functions(context: CliContext, pattern: string, options: FunctionsOptions): Promise<ExitCode> {
  const limit = parseLimit(options.limit);
  return withSession(context, options, async ({ client }) => {
    const { terminal } = context;
    const list = await client.call('listFunctions', { pattern, selector: options.hosts, limit });
    if (options.json) {
      terminal.print(asciiJson(list));
      return EXIT.ok;
    }
    if (list.groups.length === 0) throw nothingFound(pattern, list);
    for (const line of renderFunctions(list, terminal.columns)) terminal.print(line);
    return EXIT.ok;
  });
}

function nothingFound(pattern: string, { kernels, similar }: FunctionList): FarcallError {
  const known = kernels.filter(kernel => kernel.known);
  if (kernels.length === 0) return new FarcallError('NOT_FOUND', 'no host matches --hosts');
  if (known.length === 0) {
    const reasons = kernels.map(({ release, arch, problem = '' }) => `${release} ${arch}: ${problem}`);
    return new FarcallError(
      'NOT_FOUND',
      printable(
        `no kernel of these hosts is known yet; the controller goes on asking them, so try again in a minute: ${reasons.join('; ')}`,
      ),
    );
  }
  const hint = similar.length === 0 ? '' : `; did you mean ${similar.join(' or ')}?`;
  const unknown = kernels.length - known.length;
  const rest = unknown === 0 ? '' : ` (${unknown} more are not known yet)`;
  return new FarcallError(
    'NOT_FOUND',
    printable(`none of ${known.length} known kernels${rest} has a function '${pattern}'${hint}`),
  );
}
