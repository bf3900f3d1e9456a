import type { AddCommand } from '../../core/index.ts';
import { addAuditShow } from './show.ts';
import { addAuditVerify } from './verify.ts';

/** `farcall audit`, with its subcommands. */
export const addAudit: AddCommand = (parent, context, exitWith) => {
  const audit = parent
    .command('audit')
    .summary('read and verify the audit log')
    .description('Reads the audit log, and verifies that it is true.');
  for (const add of [addAuditVerify, addAuditShow]) add(audit, context, exitWith);
};
