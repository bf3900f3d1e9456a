import type { AddCommand } from '../../core/index.ts';
import { addAuditFollow } from './follow.ts';
import { addAuditShow } from './show.ts';
import { addAuditVerify } from './verify.ts';
import { addAuditWitness } from './witness.ts';

/** `farcall audit`, with its subcommands. */
export const addAudit: AddCommand = (parent, context, exitWith) => {
  const audit = parent
    .command('audit')
    .summary('read, follow, verify and witness the audit log')
    .description('Reads and follows the audit log, verifies that it is true, and witnesses it.');
  for (const add of [addAuditVerify, addAuditShow, addAuditFollow, addAuditWitness])
    add(audit, context, exitWith);
};
