import type { AddCommand } from '../../core/index.ts';
import { addHostAccept } from './accept.ts';
import { addHostEnrol } from './enrol.ts';
import { addHostEnrolments } from './enrolments.ts';
import { addHostLabel } from './label.ts';
import { addHostRemove } from './remove.ts';
import { addHostRevoke } from './revoke.ts';

/** `farcall host`, with its subcommands. */
export const addHost: AddCommand = (parent, context, exitWith) => {
  const host = parent
    .command('host')
    .summary('enrol, label, remove and accept hosts')
    .description(
      'Enrols machines as hosts, changes their labels, removes hosts, and lets hosts go on that are held.',
    );
  for (const add of [
    addHostEnrol,
    addHostEnrolments,
    addHostRevoke,
    addHostLabel,
    addHostRemove,
    addHostAccept,
  ])
    add(host, context, exitWith);
};
