import { asciiJson } from '../../../../shared/json/index.ts';
import { formatTime, printable } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { renderTable } from '../../output/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';

/** `farcall locks`. */
export const addLocks: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('locks'))
    .summary('list the locks that stand')
    .description('Lists the locks on hosts, people and controllers, the oldest first.');
  addHelp(command, { examples: ['locks', 'locks --json'], exits: REMOTE_EXITS }).action(
    async (options: CommonOptions) => exitWith(await locks(context, options)),
  );
};

async function locks(context: CliContext, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client }) => {
    const { terminal } = context;
    const list = (await client.call('listLocks', {})).locks;
    if (options.json) {
      terminal.print(asciiJson(list));
      return EXIT.ok;
    }
    if (list.length === 0) {
      terminal.print('Nothing is locked.');
      return EXIT.ok;
    }
    const rows = list.map(({ kind, name, lockedBy, lockedAtMs, reason }) =>
      [kind, name, lockedBy, formatTime(lockedAtMs), printable(reason)].map(text => ({ text })),
    );
    const headers = ['WHAT', 'NAME', 'LOCKED BY', 'SINCE', 'REASON'];
    for (const line of renderTable({
      headers,
      rows,
      flexible: [4],
      droppable: [2, 3],
      width: terminal.columns,
    }))
      terminal.print(line);
    return EXIT.ok;
  });
}
