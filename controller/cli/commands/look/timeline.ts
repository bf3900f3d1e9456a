import { asciiJson } from '../../../../shared/json/index.ts';
import { AUDIT_LIMIT } from '../../../../shared/messages/index.ts';
import { formatDuration, formatTime, timelineOf } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  findRequest,
  parseRequestId,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { wrapValue } from '../../output/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';

/** `farcall timeline`. */
export const addTimeline: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('timeline'))
    .summary('print what happened to a request, in order')
    .description('Prints what happened to a request: decisions, waves, answers, pauses and the end.')
    .argument('<id>', 'request id, or its first letters', parseRequestId);
  addHelp(command, {
    notes: [
      'The controller reports this. To verify it, use farcall audit verify. To see every entry, use farcall audit show.',
    ],
    examples: ['timeline 7k2m9x4qw8rt', "timeline 7k2m9x4qw8rt --json | jq -r '.text'"],
    exits: REMOTE_EXITS,
  }).action(async (id: string, options: CommonOptions) => exitWith(await timeline(context, id, options)));
};

const LIMIT_MS = 600_000;
const SINCE_CHARS = 9;
/** What does not fit goes on below, a little to the right. */
const HANG = 4;

async function timeline(context: CliContext, typed: string, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client }) => {
    const { terminal } = context;
    // For an unknown id this throws NOT_FOUND. The audit log would just have no entries.
    const { request } = await findRequest({ client }, typed);
    const query = { requestId: request.id, afterSeq: 0, limit: AUDIT_LIMIT, follow: false };
    let beganMs: number | undefined;
    for await (const moment of timelineOf(client.stream('listAudit', query, LIMIT_MS))) {
      beganMs ??= moment.atMs;
      const sinceMs = moment.atMs - beganMs;
      if (options.json) terminal.print(asciiJson({ ...moment, sinceMs }));
      else {
        const since = `+${formatDuration(sinceMs)}`.padEnd(SINCE_CHARS);
        const line = `${formatTime(moment.atMs)}  ${since}  ${moment.text}`;
        for (const row of wrapValue(line, { columns: terminal.columns, hang: HANG })) terminal.print(row);
      }
    }
    return EXIT.ok;
  });
}
