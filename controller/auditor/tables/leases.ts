import type { Schema } from '../../store/index.ts';
import type { ReplayedLease, TableCheck } from '../replay/index.ts';

/**
 * Leases move without the log, but for who drives a rollout. An epoch that went back would let somebody write
 * who has lost the lease.
 */
export const leasesCheck: TableCheck<Schema['leases']> = {
  keyOf: ({ name }) => [name],
  recorded: 'none',
  check({ name, epoch }, { replay }, report) {
    const recorded = replay.get<ReplayedLease>(['lease-epoch', name]);
    if (recorded && recorded.epoch !== epoch)
      report('content', `its epoch is ${epoch}, and the log tells of ${recorded.epoch}`);
  },
};
