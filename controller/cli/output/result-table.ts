import type { CallResult } from '../../../shared/messages/index.ts';
import { renderRows, renderWrites } from '../../../shared/rows/index.ts';
import { formatDuration, type HostResult, printable } from '../../views/index.ts';
import { outcomeColour } from './outcome-colour.ts';
import { type Cell, renderTable } from './table.ts';

/** The width of the output in cells, and whether it has colours. */
export interface OutputStyle {
  readonly width: number;
  readonly hasColours: boolean;
}

const HEADERS = ['HOST', 'KERNEL', 'OUTCOME', 'VALUE', 'TIME'];
const VALUE_COLUMN = 3;
const KERNEL_COLUMN = 1;

/** How many rows of one host are shown, because a fleet has many hosts. `--json` has them all. */
const ROW_LIMITS = { rows: 50, lineChars: 400 };

/** One line for each host, sorted by name. */
export function renderResults(hosts: readonly HostResult[], style: OutputStyle): string[] {
  const sorted = [...hosts].sort((one, other) => one.report.host.localeCompare(other.report.host, 'en'));
  const rows = sorted.map(host => resultRow(host, style.hasColours));
  return renderTable({
    headers: HEADERS,
    rows,
    flexible: [VALUE_COLUMN, KERNEL_COLUMN],
    droppable: [4, KERNEL_COLUMN],
    width: style.width,
  });
}

/** The rows, the kernel log and the late result of each host. Each line begins with the host's name. */
export function renderNotes(hosts: readonly HostResult[]): string[] {
  const lines: string[] = [];
  for (const { report, result, late } of hosts) {
    const note = (text: string): void => {
      lines.push(`${report.host}: ${printable(text)}`);
    };
    if (result) [...renderRows(result, ROW_LIMITS), ...renderWrites(result)].forEach(note);
    for (const line of result?.kernelLog ?? []) note(line);
    if (late) {
      note(`late: ${late.outcome} ${valueText(late)}`.trimEnd());
      [...renderRows(late, ROW_LIMITS), ...renderWrites(late)].forEach(note);
    }
    for (const line of late?.kernelLog ?? []) note(line);
  }
  return lines;
}

/**
 * The value or the error of a call, in one line. Of an error in a program that is its reason, without the
 * lines below, which mark the place in the program.
 */
export function valueText(result: CallResult | undefined): string {
  if (!result) return '';
  if (result.value) return printable(result.value.text);
  if (!result.error) return '';
  const [reason = ''] = result.error.message.split('\n');
  return printable(`${result.error.code}: ${reason}`);
}

/** How long a call took on the host, from the order to the result. */
export function timeText(result: CallResult | undefined): string {
  return result ? formatDuration(result.timings.totalUs / 1000) : '';
}

/**
 * The text in the value column. If a call came back after its timeout, its late result says more than the
 * timeout.
 */
function endText({ result, late }: HostResult): string {
  return late ? `later ${late.outcome} ${valueText(late)}`.trimEnd() : valueText(result);
}

function resultRow(host: HostResult, hasColours: boolean): Cell[] {
  const { report, result } = host;
  const { outcome } = report;
  return [
    { text: report.host },
    { text: printable(result?.kernelRelease || report.kernelRelease) },
    outcome ? { text: outcome, colour: outcomeColour(outcome, hasColours) } : { text: '…' },
    { text: endText(host) },
    { text: timeText(result) },
  ];
}
