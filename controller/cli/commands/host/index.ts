import type { AddCommand } from '../../core/index.ts';
import { addHostEnrol } from './enrol.ts';
import { addHostEnrolments } from './enrolments.ts';
import { addHostRemove } from './remove.ts';
import { addHostRevoke } from './revoke.ts';

/** `farcall host`, with its subcommands. */
export const addHost: AddCommand = (parent, context, exitWith) => {
  const host = parent
    .command('host')
    .summary('enrol and remove hosts')
    .description('Enrols machines as hosts, and removes hosts.');
  for (const add of [addHostEnrol, addHostEnrolments, addHostRevoke, addHostRemove])
    add(host, context, exitWith);
};
