import { FarcallError } from '../../../shared/errors/index.ts';
import { asciiJson } from '../../../shared/json/index.ts';
import type { FunctionList } from '../../../shared/messages/index.ts';
import { printable } from '../../views/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { renderFunctions } from '../output/function-table.ts';
import { limitOf } from './history.ts';

/** Options of `farcall functions`. */
export interface FunctionsOptions extends CommonOptions {
  readonly hosts: string;
  readonly limit: string;
}

/** Lists functions of the fleet's kernels by a pattern of their names. */
export async function functions(
  context: CliContext,
  pattern: string,
  options: FunctionsOptions,
): Promise<ExitCode> {
  const limit = limitOf(options.limit);
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
    const whys = kernels.map(({ release, arch, problem = '' }) => `${release} ${arch}: ${problem}`);
    return new FarcallError(
      'NOT_FOUND',
      printable(`no kernel of these hosts is known yet: ${whys.join('; ')}`),
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
