import { Option } from 'commander';
import { EVERY_HOST } from '../../../../shared/messages/index.ts';
import { type HostResult, hostResultOf, type ReadRequest, readRequestView } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  type CliContext,
  type CommonOptions,
  EXIT,
  type ExitCode,
  parseRequestId,
  REQUEST_EXITS,
  type Session,
  type Terminal,
  withOperatorOptions,
  withSession,
} from '../../core/index.ts';
import { nextSteps } from '../../output/index.ts';
import { HOSTS_SHOWN, reportLines } from '../look/index.ts';
import { followTroubles } from './follow-troubles.ts';
import { UNTIL, type Until, untilEnd, type WatchEnd } from './until.ts';
import { jsonView, linesView, liveView, type ShowEvent } from './watch-views.ts';

interface WatchCommandOptions extends CommonOptions {
  /**
   * The event to wait for. Without it, the watch ends when the request is over, or needs a person to go on.
   */
  readonly until?: Until;
}

/** `farcall watch`. */
export const addWatch: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('watch'))
    .summary('follow a request until it is over, or needs a person')
    .description(
      'Follows a request until it is over or cannot go on without a person. Prints the outcomes of its hosts, and what people can do.',
    )
    .argument('<id>', 'request id', parseRequestId)
    .addOption(
      new Option(
        '--until <what>',
        'wait for approvals too, and stop after this event, or when the rollout needs a person',
      ).choices(UNTIL),
    );
  addHelp(command, {
    notes: [
      'Each wave has a bar, its counts and the limits of its gate.',
      'Ctrl-C ends the watch and nothing else. To stop the request, use farcall abort.',
    ],
    examples: [
      'watch 7k2m9x4qw8rt',
      'watch 7k2m9x4qw8rt --until promotion && farcall promote 7k2m9x4qw8rt --yes --reason canary-ok',
      'watch 7k2m9x4qw8rt --json | jq -c \'select(.event == "host") | [.host, .outcome]\'',
    ],
    exits: [...REQUEST_EXITS, EXIT.interrupted],
  }).action(async (id: string, options: WatchCommandOptions) => exitWith(await watch(context, id, options)));
};

/** How much longer than the request's own lifetime a watch listens. */
const WATCH_MARGIN_MS = 3_600_000;

async function watch(context: CliContext, id: string, options: WatchCommandOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { terminal } = context;
    const live = !options.json && terminal.isInteractive ? liveView(context) : undefined;
    const show = live?.show ?? (options.json ? jsonView(terminal) : linesView(terminal));
    const ending = new AbortController();
    const unsubscribe = terminal.onInterrupt(() => ending.abort());
    const stopFollowing = followTroubles(context, session, { id, say: live?.say ?? terminal.warn });
    try {
      const end = untilEnd(options.until);
      const { request, exit } = await follow(context, session, { id, end, show, signal: ending.signal });
      live?.close();
      if (!options.json) {
        await printReport(terminal, session, request, { statusIsShown: !live });
        for (const line of nextSteps(request)) terminal.print(line);
      }
      return exit;
    } catch (thrown) {
      live?.close();
      if (!ending.signal.aborted) throw thrown;
      terminal.warn(`The request goes on. To follow it again: farcall watch ${id}`);
      return EXIT.interrupted;
    } finally {
      stopFollowing();
      unsubscribe();
    }
  });
}

/** Prints the report after a watch; without the status line at its top, where that was the last event. */
async function printReport(
  terminal: Terminal,
  session: Session,
  request: ReadRequest,
  { statusIsShown }: { readonly statusIsShown: boolean },
): Promise<void> {
  const query = { id: request.request.id, filter: EVERY_HOST, groupBy: undefined };
  const style = { width: terminal.columns, hasColours: terminal.hasColours };
  const lines = await reportLines(session, request, query, style);
  for (const line of statusIsShown ? lines.slice(1) : lines) terminal.print(line);
}

interface Following {
  readonly id: string;
  readonly end: WatchEnd;
  readonly show: ShowEvent;
  readonly signal: AbortSignal;
}

async function follow(
  { clock }: CliContext,
  { client }: Session,
  { id, end, show, signal }: Following,
): Promise<{ readonly request: ReadRequest; readonly exit: ExitCode }> {
  let request = readRequestView(await client.call('getRequest', { id }), id);
  const hosts = new Map<string, HostResult>();
  const { expiresAtMs, timeoutMs } = request.request;
  const limitMs = Math.max(0, expiresAtMs - clock.nowMs()) + timeoutMs + WATCH_MARGIN_MS;
  for await (const event of client.stream('watchRequest', { id, follow: true }, limitMs, signal)) {
    if (event.request) request = readRequestView(event.request, id);
    if (event.host) keepNewest(hosts, hostResultOf(event.host));
    show(event, { request, hosts });
    const exit = event.request && end.reached(event.request);
    if (exit !== undefined) return { request, exit };
  }
  return { request, exit: end.over(request.view) };
}

function keepNewest(hosts: Map<string, HostResult>, host: HostResult): void {
  hosts.delete(host.report.host);
  hosts.set(host.report.host, host);
  const [oldest] = hosts.keys();
  if (hosts.size > HOSTS_SHOWN && oldest !== undefined) hosts.delete(oldest);
}
