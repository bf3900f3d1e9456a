import { asciiJson } from '../../../../shared/json/index.ts';
import { AUDIT_LIMIT } from '../../../../shared/messages/index.ts';
import { auditEntryToJson } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  type CliContext,
  type CommonOptions,
  EXIT,
  type ExitCode,
  parseNumber,
  REMOTE_EXITS,
  withOperatorOptions,
  withSession,
} from '../../core/index.ts';
import { entryText } from './entry-text.ts';

interface AuditShowOptions extends CommonOptions {
  readonly request?: string;
  readonly kind?: string;
  readonly after: string;
  readonly limit: string;
  readonly newest?: true;
}

/** `farcall audit show`. */
export const addAuditShow: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('show'))
    .summary('print the entries of the audit log')
    .description('Prints the entries of the audit log, oldest first.')
    .option('--request <id>', 'only entries about this request')
    .option('--kind <kind>', 'only entries of this kind, such as approval-added')
    .option('--after <seq>', 'only entries after this number', '0')
    .option('--limit <n>', 'how many entries to print, at most', '10000')
    .option('--newest', 'print the newest entries first');
  addHelp(command, {
    examples: ['audit show --request 7k2m9x4qw8rt', 'audit show --newest --limit 20'],
    exits: REMOTE_EXITS,
  }).action(async (options: AuditShowOptions) => exitWith(await auditShow(context, options)));
};

const SHOW_LIMIT_MS = 600_000;

async function auditShow(context: CliContext, options: AuditShowOptions): Promise<ExitCode> {
  const { request: requestId, kind } = options;
  const afterSeq = parseNumber('--after', options.after, { least: 0, most: Number.MAX_SAFE_INTEGER });
  const limit = parseNumber('--limit', options.limit, { least: 1, most: AUDIT_LIMIT });
  return withSession(context, options, async ({ client }) => {
    const { terminal } = context;
    const beforeSeq = options.newest && Number.MAX_SAFE_INTEGER;
    const query = { requestId, kind, afterSeq, limit, beforeSeq, follow: false };
    for await (const entry of client.stream('listAudit', query, SHOW_LIMIT_MS))
      terminal.print(options.json ? asciiJson(auditEntryToJson(entry)) : entryText(entry));
    return EXIT.ok;
  });
}
