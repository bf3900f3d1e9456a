import { asciiJson } from '../../../../shared/json/index.ts';
import { formatTime, labelList } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { neverHeard } from '../../interaction/index.ts';
import { renderTable } from '../../output/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';

/** `farcall host enrolments`. */
export const addHostEnrolments: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('enrolments'))
    .summary('list enrolments')
    .description('Lists enrolments, newest first, and says of which machine no hello has come.');
  addHelp(command, { examples: ['host enrolments', 'host enrolments --json'], exits: REMOTE_EXITS }).action(
    async (options: CommonOptions) => exitWith(await enrolments(context, options)),
  );
};

async function enrolments(context: CliContext, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { terminal } = context;
    const list = (await session.client.call('listEnrolments', {})).enrolments;
    const silent = new Set((await neverHeard(session)).map(({ id }) => id));
    if (options.json) {
      terminal.print(asciiJson(list.map(view => ({ ...view, neverHeard: silent.has(view.id) }))));
      return EXIT.ok;
    }
    const rows = list.map(view => [
      { text: view.id },
      { text: view.host },
      { text: silent.has(view.id) ? `${view.state}, never heard` : view.state },
      { text: view.madeBy },
      { text: formatTime(view.expiresAtMs) },
      { text: labelList(view.labels) },
    ]);
    const headers = ['ID', 'HOST', 'STATE', 'MADE BY', 'EXPIRES', 'LABELS'];
    const style = { flexible: [5, 4], droppable: [3, 5], width: terminal.columns };
    for (const line of renderTable({ headers, rows, ...style })) terminal.print(line);
    return EXIT.ok;
  });
}
