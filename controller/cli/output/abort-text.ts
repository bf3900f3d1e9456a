import type { AbortView, RequestView } from '../../../shared/messages/index.ts';
import { formatDuration, hostCount, printable } from '../../views/index.ts';

/**
 * Who aborted a request, and how far that has come: how long it took until every host had its outcome, or
 * which hosts are missing, by name. Empty for a request that nobody aborted.
 */
export function abortLines({ abort }: Pick<RequestView, 'abort'>): string[] {
  if (!abort) return [];
  return [
    `  aborted    by ${abort.by}: ${printable(abort.reason)}`,
    ...abortProgress(abort).map(line => `  ${line}`),
  ];
}

/** The part of {@link abortLines} about hosts. */
export function abortProgress({ atMs, endedAtMs, obeyed, silent, running }: AbortView): string[] {
  // No host had the order, so none had to obey.
  if (endedAtMs !== undefined && obeyed === 0) return [];
  if (endedAtMs !== undefined)
    return [`over       ${formatDuration(endedAtMs - atMs)} after the abort, obeyed by ${hostCount(obeyed)}`];
  return [
    `obeyed     by ${hostCount(obeyed)}`,
    ...(running.hosts > 0 ? [`running    ${named(running)}: the call had begun, and goes on`] : []),
    ...(silent.hosts > 0 ? [`silent     ${named(silent)}: not heard since the abort`] : []),
  ];
}

function named({ hosts, names }: AbortView['silent']): string {
  const more = hosts > names.length ? ` and ${hosts - names.length} more` : '';
  return `${hostCount(hosts)} (${names.join(', ')}${more})`;
}
