import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Names of the hosts of the site in `folder` that have said hello. Looks into the controller's store: to ask
 * with `farcall hosts` again and again keeps a core busy, which the virtual machines need.
 */
export function hostsHeard(folder: string): string[] {
  const database = new DatabaseSync(join(folder, 'farcall.db'), { readOnly: true });
  try {
    const rows = database.prepare('select host from host_heartbeats').all();
    return rows.map(({ host }) => String(host));
  } finally {
    database.close();
  }
}
