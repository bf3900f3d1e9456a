import { asciiJson } from '../../../shared/json/index.ts';
import { AUDIT_LIMIT } from '../../../shared/messages/index.ts';
import { formatDuration, formatTime, timelineOf } from '../../views/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { cut } from '../output/text-width.ts';

const LIMIT_MS = 600_000;
const SINCE_CHARS = 9;

/** Prints what became of a request, from the log: who decided, each wave, how many hosts answered when, and the end. */
export async function timeline(context: CliContext, id: string, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client }) => {
    const { terminal } = context;
    // An id that there is not is said to be none; the log would have nothing to say of it.
    await client.call('getRequest', { id });
    const query = { requestId: id, afterSeq: 0, limit: AUDIT_LIMIT };
    let beganMs: number | undefined;
    for await (const moment of timelineOf(client.stream('listAudit', query, LIMIT_MS))) {
      beganMs ??= moment.atMs;
      const sinceMs = moment.atMs - beganMs;
      if (options.json) terminal.print(asciiJson({ ...moment, sinceMs }));
      else {
        const since = `+${formatDuration(sinceMs)}`.padEnd(SINCE_CHARS);
        terminal.print(cut(`${formatTime(moment.atMs)}  ${since}  ${moment.text}`, terminal.columns));
      }
    }
    return EXIT.ok;
  });
}
