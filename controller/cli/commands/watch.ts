import { asciiJson } from '../../../shared/json/index.ts';
import { EVERY_HOST, type RequestEvent } from '../../../shared/messages/index.ts';
import {
  type HostResult,
  hostResultOf,
  hostResultToJson,
  type ReadRequest,
  readRequestView,
  requestToJson,
} from '../../views/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { createLiveTable } from '../output/live-table.ts';
import { renderResults, timeText, valueText } from '../output/result-table.ts';
import { standingText } from '../output/standing.ts';
import { cut } from '../output/text-width.ts';
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
    const live = !options.json && terminal.isInteractive ? liveView(context) : undefined;
    const show = live?.show ?? (options.json ? showJson(terminal) : showLines(terminal));
    const ending = new AbortController();
    const heed = terminal.onInterrupt(() => ending.abort());
    try {
      const end = untilEnd(options.until);
      const { request, exit } = await follow(context, session, { id, end, show, signal: ending.signal });
      live?.close();
      if (!options.json) await printReport(terminal, session, request);
      return exit;
    } catch (thrown) {
      live?.close();
      if (!ending.signal.aborted) throw thrown;
      terminal.warn(`The request goes on; farcall watch ${id} follows it again.`);
      return EXIT.interrupted;
    } finally {
      heed();
    }
  });
}

async function printReport(terminal: Terminal, session: Session, request: ReadRequest): Promise<void> {
  const wanted = { id: request.request.id, filter: EVERY_HOST, groupBy: undefined };
  const style = { width: terminal.columns, hasColours: terminal.hasColours };
  for (const line of await reportLines(session, request, wanted, style)) terminal.print(line);
}

interface Following {
  readonly id: string;
  readonly end: WatchEnd;
  readonly show: Show;
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

/** The waves, and below them the hosts that changed last, by name; drawn again where the window has another size. */
function liveView({ terminal, clock }: CliContext): { readonly show: Show; readonly close: () => void } {
  const table = createLiveTable(terminal);
  let drawnAtMs = 0;
  let last: Seen | undefined;
  const draw = (): void => {
    if (last) table.draw(liveLines(terminal, last));
  };
  const forget = terminal.onResize(draw);
  return {
    show({ host }, seen) {
      last = seen;
      const nowMs = clock.nowMs();
      if (host && nowMs - drawnAtMs < DRAW_EVERY_MS) return;
      drawnAtMs = nowMs;
      draw();
    },
    close() {
      forget();
      table.clear();
    },
  };
}

function liveLines({ columns, rows, hasColours }: Terminal, { request, hosts }: Seen): string[] {
  const style = { width: columns - 1, hasColours };
  const head = [cut(standingText(request), style.width), ...renderWaves(request, style.width)];
  const room = Math.max(2, rows - 2);
  const table = hosts.size > 0 ? renderResults([...hosts.values()], style) : [];
  const left = Math.max(0, room - head.length);
  const hidden = request.view.expectedHosts - Math.max(0, Math.min(left, table.length) - 1);
  const more = hidden > 0 ? [cut(`… and ${hidden} more hosts`, style.width)] : [];
  return [...head.slice(0, room), ...table.slice(0, left), ...more];
}
