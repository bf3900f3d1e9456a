import { asciiJson } from '../../../../shared/json/index.ts';
import type { RequestEvent } from '../../../../shared/messages/index.ts';
import { type HostResult, hostResultToJson, type ReadRequest, requestToJson } from '../../../views/index.ts';
import {
  createLiveTable,
  renderResults,
  renderWaves,
  statusLine,
  timeText,
  truncate,
  valueText,
  wrapValue,
} from '../../output/index.ts';
import type { CliContext, Terminal } from '../../session/index.ts';

/** The request of a watch, and the hosts whose status changed last. */
export interface WatchState {
  readonly request: ReadRequest;
  /** The hosts that changed last. The results of a whole fleet would be too many to keep. */
  readonly hosts: ReadonlyMap<string, HostResult>;
}

/** Shows an event, given the state after it. */
export type ShowEvent = (event: RequestEvent, state: WatchState) => void;

/** One line of JSON for each event. */
export function jsonView(terminal: Terminal): ShowEvent {
  return ({ host }, state) => {
    const known = host && state.hosts.get(host.host);
    const event = known
      ? { event: 'host', ...hostResultToJson(known) }
      : { event: 'request', ...requestToJson(state.request) };
    terminal.print(asciiJson(event));
  };
}

/** One line for each event, for logs and pipes. Of the waves, only those that changed are printed. */
export function linesView(terminal: Terminal): ShowEvent {
  const printed = new Map<number, string>();
  let lastStatus = '';
  let lastHost = '';
  return ({ host }, { request, hosts }) => {
    const known = host && hosts.get(host.host);
    if (!host) {
      const status = statusLine(request);
      if (status !== lastStatus) terminal.print(status);
      lastStatus = status;
      const waves = request.request.rollout ? renderWaves(request, Number.POSITIVE_INFINITY) : [];
      for (const [index, line] of waves.entries()) {
        if (printed.get(index) !== line) terminal.print(line);
        printed.set(index, line);
      }
    } else if (known?.report.outcome) {
      const parts = [host.host, known.report.outcome, valueText(known.result), timeText(known.result)];
      const line = parts.filter(part => part !== '').join('  ');
      if (line !== lastHost) terminal.print(line);
      lastHost = line;
    }
  };
}

/** Drawing takes longer than an event, so host events within this time are drawn together. */
const DRAW_EVERY_MS = 100;

/**
 * The waves, and below them the hosts that changed last, by name. They are drawn again when the window's size
 * changes.
 */
export function liveView({ terminal, clock }: CliContext): {
  readonly show: ShowEvent;
  /** Prints a line above what is drawn. */
  readonly say: (line: string) => void;
  readonly close: () => void;
} {
  const table = createLiveTable(terminal);
  let drawnAtMs = 0;
  let last: WatchState | undefined;
  const draw = (): void => {
    if (last) table.draw(liveLines(terminal, last));
  };
  const unsubscribe = terminal.onResize(draw);
  return {
    show({ host }, state) {
      last = state;
      const nowMs = clock.nowMs();
      if (host && nowMs - drawnAtMs < DRAW_EVERY_MS) return;
      drawnAtMs = nowMs;
      draw();
    },
    say(line) {
      table.clear();
      terminal.warn(line);
      draw();
    },
    close() {
      unsubscribe();
      table.clear();
    },
  };
}

function liveLines({ columns, rows, hasColours }: Terminal, { request, hosts }: WatchState): string[] {
  const style = { width: columns - 1, hasColours };
  const head = [
    ...wrapValue(statusLine(request), { columns: style.width, hang: 2 }),
    ...renderWaves(request, style.width),
  ];
  const rowLimit = Math.max(2, rows - 2);
  const table = hosts.size > 0 ? renderResults([...hosts.values()], style) : [];
  const left = Math.max(0, rowLimit - head.length);
  const hidden = request.view.expectedHosts - Math.max(0, Math.min(left, table.length) - 1);
  const more = hidden > 0 ? [truncate(`… and ${hidden} more hosts`, style.width)] : [];
  return [...head.slice(0, rowLimit), ...table.slice(0, left), ...more];
}
