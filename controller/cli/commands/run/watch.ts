import { setTimeout as delay } from 'node:timers/promises';
import { Option } from 'commander';
import { backoffMs } from '../../../../shared/backoff/index.ts';
import { toFarcallError } from '../../../../shared/errors/index.ts';
import { EVERY_HOST } from '../../../../shared/messages/index.ts';
import {
  type HostResult,
  hostResultOf,
  printable,
  type ReadRequest,
  readRequestView,
} from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  findRequest,
  parseRequestId,
  REQUEST_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { nextSteps } from '../../output/index.ts';
import {
  type CliContext,
  type CommonOptions,
  type Session,
  type Terminal,
  withSession,
} from '../../session/index.ts';
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
    .argument('<id>', 'request id, or its first letters', parseRequestId)
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

async function watch(context: CliContext, typed: string, options: WatchCommandOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { terminal } = context;
    const live = !options.json && terminal.isInteractive ? liveView(context) : undefined;
    const show = live?.show ?? (options.json ? jsonView(terminal) : linesView(terminal));
    const ending = new AbortController();
    const unsubscribe = terminal.onInterrupt(() => ending.abort());
    const say = live?.say ?? terminal.warn;
    let stopFollowing = (): void => undefined;
    let id = typed;
    try {
      const found = await findRequest(session, typed);
      id = found.request.id;
      stopFollowing = followTroubles(context, session, { id, say });
      const end = untilEnd(options.until);
      const { request, exit } = await followOn(context, session, found, {
        id,
        end,
        show,
        say,
        signal: ending.signal,
      });
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
  /** Takes a line about the connection. */
  readonly say: (line: string) => void;
  readonly end: WatchEnd;
  readonly show: ShowEvent;
  readonly signal: AbortSignal;
}

/** How the delay grows while the controller is away. */
const RETRY = { firstMs: 500, mostMs: 5000 };

/** A request, and the exit code that its watch ends with. */
interface Watched {
  readonly request: ReadRequest;
  readonly exit: ExitCode;
}

/**
 * Follows a request over restarts of its controller: the request goes on meanwhile, and so does the watch.
 */
async function followOn(
  context: CliContext,
  session: Session,
  found: ReadRequest,
  following: Following,
): Promise<Watched> {
  const { say, signal } = following;
  const seen = { request: found, hosts: new Map<string, HostResult>() };
  let failures = 0;
  const heard = (): void => {
    if (failures > 0) say('farcall watches the request again');
    failures = 0;
  };
  for (;;)
    try {
      return await follow(context, session, seen, { ...following, heard });
    } catch (thrown) {
      const { code, message } = toFarcallError(thrown);
      if (signal.aborted || code !== 'UNREACHABLE') throw thrown;
      failures += 1;
      if (failures === 1) say(`farcall lost the controller: ${printable(message)}; trying again`);
      await delay(backoffMs(failures, RETRY, Math.random), undefined, { signal });
    }
}

/** Reads the events of one connection, which begin with the whole state. */
async function follow(
  { clock }: CliContext,
  { client }: Session,
  seen: { request: ReadRequest; readonly hosts: Map<string, HostResult> },
  { id, end, show, signal, heard }: Following & { readonly heard: () => void },
): Promise<Watched> {
  const { hosts } = seen;
  const { expiresAtMs, timeoutMs } = seen.request.request;
  const limitMs = Math.max(0, expiresAtMs - clock.nowMs()) + timeoutMs + WATCH_MARGIN_MS;
  for await (const event of client.stream('watchRequest', { id, follow: true }, limitMs, signal)) {
    heard();
    if (event.request) seen.request = readRequestView(event.request, id);
    if (event.host) keepNewest(hosts, hostResultOf(event.host));
    show(event, { request: seen.request, hosts });
    const exit = event.request && end.reached(event.request);
    if (exit !== undefined) return { request: seen.request, exit };
  }
  return { request: seen.request, exit: end.over(seen.request.view) };
}

function keepNewest(hosts: Map<string, HostResult>, host: HostResult): void {
  hosts.delete(host.report.host);
  hosts.set(host.report.host, host);
  const [oldest] = hosts.keys();
  if (hosts.size > HOSTS_SHOWN && oldest !== undefined) hosts.delete(oldest);
}
