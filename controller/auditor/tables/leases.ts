import type { Schema } from '../../store/index.ts';
import type { ReplayedLease, TableCheck } from '../replay/index.ts';

/**
 * Only leases of rollouts are in the log. If an epoch went back, a controller that has lost the lease could
 * write.
 */
export const leasesCheck: TableCheck<Schema['leases']> = {
  keyOf: ({ name }) => [name],
  recorded: 'none',
  check({ name, epoch }, { replay }, report) {
    const recorded = replay.get<ReplayedLease>(['lease-epoch', name]);
    if (recorded && recorded.epoch !== epoch)
      report('content', `its epoch is ${epoch}, and the log records ${recorded.epoch}`);
  },
};
