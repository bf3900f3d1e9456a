import { asciiJson } from '../../../shared/json/index.ts';
import { FINAL_STATES, type RequestEvent } from '../../../shared/messages/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type HostResult, hostResultOf } from '../output/host-result.ts';
import { createLiveTable } from '../output/live-table.ts';
import { outcomesText, type ReadRequest, readRequestView } from '../output/request-text.ts';
import { renderNotes, renderResults, timeText, valueText } from '../output/result-table.ts';
import { cut } from '../output/table.ts';
import { hostResultToJson, requestToJson } from '../output/to-json.ts';
import type { Terminal } from '../terminal.ts';

/** What is known of a request so far. */
interface Seen {
  readonly request: ReadRequest;
  readonly hosts: ReadonlyMap<string, HostResult>;
}

/** Shows something of an event. */
type Show = (event: RequestEvent, seen: Seen) => void;

/** How much longer than the request's own life a watcher listens. */
const WATCH_MARGIN_MS = 3_600_000;

/** Follows a request until it is over; then prints the final table. */
export async function watch(context: CliContext, id: string, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { terminal } = context;
    const live = !options.json && terminal.isInteractive ? createLiveTable(terminal) : undefined;
    const show: Show = options.json
      ? showJson(terminal)
      : live
        ? showLive(terminal, live.draw)
        : showLines(terminal);
    const seen = await follow(context, session, { id, follow: true, show });
    live?.clear();
    if (!options.json) printFinal(terminal, seen);
    return exitOf(seen);
  });
}

/** Prints how a request stands now. */
export async function report(context: CliContext, id: string, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const seen = await follow(context, session, { id, follow: false, show: () => undefined });
    const hosts = [...seen.hosts.values()];
    if (options.json) {
      context.terminal.print(
        asciiJson({ request: requestToJson(seen.request), hosts: hosts.map(hostResultToJson) }),
      );
    } else printFinal(context.terminal, seen);
    return exitOf(seen);
  });
}

interface Following {
  readonly id: string;
  readonly follow: boolean;
  readonly show: Show;
}

async function follow(
  { clock }: CliContext,
  { client }: Session,
  { id, follow: on, show }: Following,
): Promise<Seen> {
  let request = readRequestView(await client.call('getRequest', { id }), id);
  const hosts = new Map<string, HostResult>();
  const { expiresAtMs, timeoutMs } = request.request;
  const limitMs = Math.max(0, expiresAtMs - clock.nowMs()) + timeoutMs + WATCH_MARGIN_MS;
  for await (const event of client.stream('watchRequest', { id, follow: on }, limitMs)) {
    if (event.request) request = readRequestView(event.request, id);
    if (event.host) hosts.set(event.host.host, hostResultOf(event.host));
    show(event, { request, hosts });
  }
  return { request, hosts };
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

/** One line for each thing that happens, for logs and pipes. */
function showLines(terminal: Terminal): Show {
  let last = '';
  const printOnce = (line: string): void => {
    if (line !== last) terminal.print(line);
    last = line;
  };
  return ({ host }, { request, hosts }) => {
    const known = host && hosts.get(host.host);
    if (!host) printOnce(standing(request));
    else if (known?.report.outcome) {
      const parts = [host.host, known.report.outcome, valueText(known.result), timeText(known.result)];
      printOnce(parts.filter(part => part !== '').join('  '));
    }
  };
}

function showLive(terminal: Terminal, draw: (lines: readonly string[]) => void): Show {
  return (_event, { request, hosts }) => {
    const style = { width: terminal.columns - 1, isInteractive: true };
    const table = renderResults([...hosts.values()], style);
    const room = Math.max(2, terminal.rows - 3);
    const hidden = table.length - room;
    const more = hidden > 0 ? [`… and ${hidden} more hosts`] : [];
    draw([cut(standing(request), style.width), ...table.slice(0, room), ...more]);
  };
}

function printFinal(terminal: Terminal, { request, hosts }: Seen): void {
  const { columns: width, isInteractive } = terminal;
  const results = [...hosts.values()];
  terminal.print(standing(request));
  for (const line of renderResults(results, { width, isInteractive })) terminal.print(line);
  const notes = renderNotes(results);
  if (notes.length > 0) terminal.print('');
  for (const line of notes) terminal.print(line);
}

function standing({ request, view }: ReadRequest): string {
  const { state, approvers, threshold } = view;
  const waits = state === 'pending' || state === 'rejected';
  const so = waits ? `${approvers.length} of ${threshold} approvals` : outcomesText(view);
  return `${request.id} ${state}, ${so}`;
}

/** Only a request that is over can be a success. */
function exitOf({ request, hosts }: Seen): ExitCode {
  const { state } = request.view;
  if (!FINAL_STATES.includes(state)) return EXIT.unfinished;
  const isWell = [...hosts.values()].every(
    ({ report: { outcome } }) => outcome === 'returned' || outcome === 'skipped',
  );
  return isWell && hosts.size === request.view.expectedHosts ? EXIT.ok : EXIT.hostsFailed;
}
