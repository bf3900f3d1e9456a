import type { CallResult } from '../../../shared/messages/index.ts';
import { renderRows } from '../../../shared/rows/index.ts';
import { formatDuration, type HostResult, printable } from '../../views/index.ts';
import { outcomePaint } from './paint.ts';
import { type Cell, renderTable } from './table.ts';

/** How a result table is drawn. */
export interface ResultTableStyle {
  readonly width: number;
  readonly hasColours: boolean;
}

const HEADERS = ['HOST', 'KERNEL', 'OUTCOME', 'VALUE', 'TIME'];
const VALUE_COLUMN = 3;
const KERNEL_COLUMN = 1;

/** A fleet has many hosts: of the rows of one that many are shown; `--json` has them all. */
const ROW_LIMITS = { rows: 50, lineChars: 400 };

/** One line for each host, in the order of their names. */
export function renderResults(hosts: readonly HostResult[], style: ResultTableStyle): string[] {
  const sorted = [...hosts].sort((one, other) => one.report.host.localeCompare(other.report.host, 'en'));
  const rows = sorted.map(host => resultRow(host, style.hasColours));
  return renderTable({ headers: HEADERS, rows, flexible: [VALUE_COLUMN, KERNEL_COLUMN], width: style.width });
}

/** What each host reported and its kernel logged, and what was said late, with the host's name before each line. */
export function renderNotes(hosts: readonly HostResult[]): string[] {
  const lines: string[] = [];
  for (const { report, result, late } of hosts) {
    const note = (text: string): void => {
      lines.push(`${report.host}: ${printable(text)}`);
    };
    if (result) renderRows(result, ROW_LIMITS).forEach(note);
    for (const line of result?.kernelLog ?? []) note(line);
    if (late) {
      note(`late: ${late.outcome} ${valueText(late)}`.trimEnd());
      renderRows(late, ROW_LIMITS).forEach(note);
    }
    for (const line of late?.kernelLog ?? []) note(line);
  }
  return lines;
}

/** What came of a call, in one line. */
export function valueText(result: CallResult | undefined): string {
  if (!result) return '';
  if (result.value) return printable(result.value.text);
  return result.error ? printable(`${result.error.code}: ${result.error.message}`) : '';
}

/** How long a call took, from the order to its result on the host. */
export function timeText(result: CallResult | undefined): string {
  return result ? formatDuration(result.timings.totalUs / 1000) : '';
}

/** A call that was given up and came back all the same: what it came back with says more than that it was late. */
function endText({ result, late }: HostResult): string {
  return late ? `later ${late.outcome} ${valueText(late)}`.trimEnd() : valueText(result);
}

function resultRow(host: HostResult, hasColours: boolean): Cell[] {
  const { report, result } = host;
  const { outcome } = report;
  return [
    { text: report.host },
    { text: printable(result?.kernelRelease || report.kernelRelease) },
    outcome ? { text: outcome, paint: outcomePaint(outcome, hasColours) } : { text: '…' },
    { text: endText(host) },
    { text: timeText(result) },
  ];
}
