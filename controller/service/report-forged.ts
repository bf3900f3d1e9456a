import type { Clock } from '../../shared/clock/index.ts';
import type { Logger } from '../log/index.ts';
import type { ForgedRow, ReportForgedRow } from '../store/index.ts';

/** How long the same row is not logged again. */
const QUIET_MS = 600_000;

/** Most rows that are remembered. */
const ROWS_LIMIT = 1000;

/**
 * Logs rows that no controller wrote: each once in ten minutes, because some tables are read every second.
 */
export function reportForgedRows({
  clock,
  log,
}: {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
}): ReportForgedRow {
  const logged = new Map<string, number>();
  return (row: ForgedRow) => {
    const [key, nowMs] = [JSON.stringify(row), clock.nowMs()];
    const lastMs = logged.get(key);
    if (lastMs !== undefined && Math.abs(nowMs - lastMs) < QUIET_MS) return;
    if (logged.size >= ROWS_LIMIT) logged.clear();
    logged.set(key, nowMs);
    log.error(row, 'store holds a row that no controller wrote: it is not counted');
  };
}
