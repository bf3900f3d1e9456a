import { asciiJson } from '../../../../shared/json/index.ts';
import { AUDIT_LIMIT, auditQueryCodec } from '../../../../shared/messages/index.ts';
import { auditEntryToJson } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  checkDraft,
  EXIT,
  type ExitCode,
  findRequest,
  parseNumber,
  parseRequestId,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';
import { entryText } from './entry-text.ts';

interface AuditShowOptions extends CommonOptions {
  readonly request?: string;
  readonly kind?: string;
  readonly host?: string;
  readonly actor?: string;
  readonly after: string;
  readonly limit: string;
  readonly newest?: true;
}

/** `farcall audit show`. */
export const addAuditShow: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('show'))
    .summary('print the entries of the audit log')
    .description('Prints the entries of the audit log, oldest first.')
    .option('--request <id>', 'only entries about this request', parseRequestId)
    .option('--kind <kind>', 'only entries of this kind, such as approval-added')
    .option('--host <host>', 'only entries about this host')
    .option('--actor <name>', 'only entries of this person, host or controller')
    .option('--after <seq>', 'only entries after this number', '0')
    .option('--limit <n>', 'how many entries to print, at most', '10000')
    .option('--newest', 'print the newest entries first');
  addHelp(command, {
    examples: [
      'audit show --request 7k2m9x4qw8rt',
      'audit show --newest --limit 20',
      'audit show --host web-1 --actor bob',
    ],
    exits: REMOTE_EXITS,
  }).action(async (options: AuditShowOptions) => exitWith(await auditShow(context, options)));
};

const SHOW_LIMIT_MS = 600_000;

async function auditShow(context: CliContext, options: AuditShowOptions): Promise<ExitCode> {
  const { request, kind, host, actor } = options;
  const afterSeq = parseNumber('--after', options.after, { least: 0, most: Number.MAX_SAFE_INTEGER });
  const limit = parseNumber('--limit', options.limit, { least: 1, most: AUDIT_LIMIT });
  return withSession(context, options, async session => {
    const { client } = session;
    const { terminal } = context;
    const requestId = request === undefined ? undefined : (await findRequest(session, request)).request.id;
    const beforeSeq = options.newest && Number.MAX_SAFE_INTEGER;
    const filter = { requestId, kind, host, actor, afterSeq, limit, beforeSeq, follow: false };
    const query = checkDraft(auditQueryCodec, filter, { requestId: '--request', afterSeq: '--after' });
    for await (const entry of client.stream('listAudit', query, SHOW_LIMIT_MS))
      terminal.print(options.json ? asciiJson(auditEntryToJson(entry)) : entryText(entry));
    return EXIT.ok;
  });
}
