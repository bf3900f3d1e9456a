import { asciiJson } from '../../../shared/json/index.ts';
import { EVERY_HOST, type RequestEvent } from '../../../shared/messages/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { type HostResult, hostResultOf } from '../output/host-result.ts';
import { createLiveTable } from '../output/live-table.ts';
import { type ReadRequest, readRequestView } from '../output/request-text.ts';
import { renderResults, timeText, valueText } from '../output/result-table.ts';
import { standingText } from '../output/standing.ts';
import { cut } from '../output/table.ts';
import { hostResultToJson, requestToJson } from '../output/to-json.ts';
import { renderWaves } from '../output/waves.ts';
import type { Terminal } from '../terminal.ts';
import { HOSTS_SHOWN, reportLines } from './report.ts';
import { type Until, untilEnd, type WatchEnd } from './until.ts';

/** Options of `farcall watch`. */
export interface WatchOptions extends CommonOptions {
  /** What is awaited; without it, that the request is over, however long a person takes with it meanwhile. */
  readonly until?: Until;
}

/** What is known of a request so far. */
interface Seen {
  readonly request: ReadRequest;
  /** The hosts that changed last; a fleet's results are too much to keep. */
  readonly hosts: ReadonlyMap<string, HostResult>;
}

/** Shows something of an event. */
type Show = (event: RequestEvent, seen: Seen) => void;

/** How much longer than the request's own life a watcher listens. */
const WATCH_MARGIN_MS = 3_600_000;

/** Follows a request until it is over, or until what `--until` names; then prints how it stands. */
export async function watch(context: CliContext, id: string, options: WatchOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { terminal } = context;
    const live = !options.json && terminal.isInteractive ? createLiveTable(terminal) : undefined;
    const show: Show = options.json
      ? showJson(terminal)
      : live
        ? showLive(context, live.draw)
        : showLines(terminal);
    const { request, exit } = await follow(context, session, { id, end: untilEnd(options.until), show });
    live?.clear();
    if (!options.json) {
      const wanted = { id, filter: EVERY_HOST, groupBy: undefined };
      const style = { width: terminal.columns, isInteractive: terminal.isInteractive };
      for (const line of await reportLines(session, request, wanted, style)) terminal.print(line);
    }
    return exit;
  });
}

interface Following {
  readonly id: string;
  readonly end: WatchEnd;
  readonly show: Show;
}

async function follow(
  { clock }: CliContext,
  { client }: Session,
  { id, end, show }: Following,
): Promise<{ readonly request: ReadRequest; readonly exit: ExitCode }> {
  let request = readRequestView(await client.call('getRequest', { id }), id);
  const hosts = new Map<string, HostResult>();
  const { expiresAtMs, timeoutMs } = request.request;
  const limitMs = Math.max(0, expiresAtMs - clock.nowMs()) + timeoutMs + WATCH_MARGIN_MS;
  for await (const event of client.stream('watchRequest', { id, follow: true }, limitMs)) {
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

function showJson(terminal: Terminal): Show {
  return ({ host }, seen) => {
    const known = host && seen.hosts.get(host.host);
    const event = known
      ? { event: 'host', ...hostResultToJson(known) }
      : { event: 'request', ...requestToJson(seen.request) };
    terminal.print(asciiJson(event));
  };
}

/** One line for each thing that happens, for logs and pipes; of waves, those that changed. */
function showLines(terminal: Terminal): Show {
  const printed = new Map<number, string>();
  let last = '';
  const printOnce = (line: string): void => {
    if (line !== last) terminal.print(line);
    last = line;
  };
  return ({ host }, { request, hosts }) => {
    const known = host && hosts.get(host.host);
    if (!host) {
      printOnce(standingText(request));
      const waves = request.request.rollout ? renderWaves(request, Number.POSITIVE_INFINITY) : [];
      for (const [place, line] of waves.entries()) {
        if (printed.get(place) !== line) terminal.print(line);
        printed.set(place, line);
      }
    } else if (known?.report.outcome) {
      const parts = [host.host, known.report.outcome, valueText(known.result), timeText(known.result)];
      printOnce(parts.filter(part => part !== '').join('  '));
    }
  };
}

/** Drawing takes longer than an event: of many at once only some are drawn. */
const DRAW_EVERY_MS = 100;

/** The waves, and below them the hosts that changed last, by name. */
function showLive({ terminal, clock }: CliContext, draw: (lines: readonly string[]) => void): Show {
  let drawnAtMs = 0;
  return (event, { request, hosts }) => {
    const nowMs = clock.nowMs();
    if (event.host && nowMs - drawnAtMs < DRAW_EVERY_MS) return;
    drawnAtMs = nowMs;
    const style = { width: terminal.columns - 1, isInteractive: true };
    const head = [cut(standingText(request), style.width), ...renderWaves(request, style.width)];
    const room = Math.max(2, terminal.rows - 2);
    const table = hosts.size > 0 ? renderResults([...hosts.values()], style) : [];
    const left = Math.max(0, room - head.length);
    const hidden = request.view.expectedHosts - Math.max(0, Math.min(left, table.length) - 1);
    const more = hidden > 0 ? [`… and ${hidden} more hosts`] : [];
    draw([...head.slice(0, room), ...table.slice(0, left), ...more]);
  };
}
