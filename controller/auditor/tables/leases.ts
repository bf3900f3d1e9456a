import type { Schema } from '../../store/index.ts';
import type { LeaseNote, TableCheck } from '../replay/index.ts';

/**
 * Leases move without the log, but for who drives a rollout. An epoch that went back would let somebody write who has lost
 * the lease.
 */
export const leasesCheck: TableCheck<Schema['leases']> = {
  keyOf: ({ name }) => [name],
  told: 'none',
  check({ name, epoch }, { notes }, complain) {
    const note = notes.get<LeaseNote>(['lease-epoch', name]);
    if (note && note.epoch !== epoch)
      complain('content', `its epoch is ${epoch}, and the log tells of ${note.epoch}`);
  },
};
