import type { PreparedRequest } from '../../../../shared/messages/index.ts';
import { hostCount, printable } from '../../../views/index.ts';
import { wrapValue } from '../../output/index.ts';

/** Which hosts a request leaves out because they are locked; no lines if there are none. */
export function lockedLines(
  { lockedHosts, locked }: Pick<PreparedRequest, 'lockedHosts' | 'locked'>,
  columns: number,
): string[] {
  if (lockedHosts === 0) return [];
  const named = locked.map(({ host, reason }) => `${host} (${printable(reason)})`).join(', ');
  const more = lockedHosts > locked.length ? `, and ${lockedHosts - locked.length} more` : '';
  const verb = lockedHosts === 1 ? 'matches and is' : 'match and are';
  const text = `${hostCount(lockedHosts)} ${verb} left out, because of a lock: ${named}${more}`;
  return wrapValue(text, { columns, hang: 4 });
}
