import { asciiJson } from '../../shared/json/index.ts';
import { renderRows, renderWrites } from '../../shared/rows/index.ts';
import type { CompiledModule } from '../compiler/index.ts';
import type { LoadReport } from '../stages/index.ts';

/** On the host itself all rows are shown; only lines that are too long for any terminal are cut. */
const ROW_LIMITS = { rows: Number.POSITIVE_INFINITY, lineChars: 4096 };

/**
 * The outcome of a call, for people: rows, then the value or why there is none, then what the kernel logged.
 */
export function reportText(report: LoadReport): string {
  const rows = renderRows({ rows: [...(report.rows ?? [])], droppedRows: report.droppedRows }, ROW_LIMITS);
  const log = report.kernelLog.map(line => `  kernel: ${line}`);
  const writes = renderWrites(report).map(line => `  ${line}`);
  return [...rows, ...endText(report, rows.length > 0), ...writes, ...log].map(line => `${line}\n`).join('');
}

/** After rows, `(void)` is not printed. */
function endText({ outcome, value, error }: LoadReport, hasRows: boolean): string[] {
  if (outcome !== 'returned' || !value) return [`${outcome}: ${error?.message ?? ''}`];
  return hasRows && value.kind === 'void' ? [] : [value.text];
}

/** The outcome of a call, for programs: one line of JSON. */
export function reportJson(
  { late: _, ...report }: LoadReport,
  { warnings }: Pick<CompiledModule, 'warnings'>,
): string {
  return `${asciiJson({ ...report, warnings })}\n`;
}

/** The warnings about a program, each with its line and a caret below the column. */
export function warningsText({ warnings }: Pick<CompiledModule, 'warnings'>): string {
  return warnings
    .map(
      ({ line, column, message, excerpt }) =>
        `warning: line ${line}, column ${column}: ${message}\n${excerpt}\n`,
    )
    .join('');
}
