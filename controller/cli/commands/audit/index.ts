import type { AddCommand } from '../../core/index.ts';
import { addAuditFollow } from './follow.ts';
import { addAuditShow } from './show.ts';
import { addAuditVerify } from './verify.ts';

/** `farcall audit`, with its subcommands. */
export const addAudit: AddCommand = (parent, context, exitWith) => {
  const audit = parent
    .command('audit')
    .summary('read, follow and verify the audit log')
    .description('Reads and follows the audit log, and verifies that it is true.');
  for (const add of [addAuditVerify, addAuditShow, addAuditFollow]) add(audit, context, exitWith);
};
