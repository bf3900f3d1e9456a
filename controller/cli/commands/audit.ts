import { FarcallError } from '../../../shared/errors/index.ts';
import { AUDIT_LIMIT, type AuditEntryView } from '../../../shared/messages/index.ts';
import { readRootsFile } from '../../../shared/trust/index.ts';
import { type AuditFinding, type VerifySummary, verifyStore } from '../../auditor/index.ts';
import { readConfig, storeLocation } from '../../config/index.ts';
import type { StoreLocation } from '../../store/index.ts';
import { auditEntryToJson, formatTime, printable } from '../../views/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** Options of `farcall audit verify`. */
export interface AuditVerifyOptions {
  /** SQLite file of the store. */
  readonly store?: string;
  /** Configuration of a controller, which says where its store is. */
  readonly config?: string;
  /** File of the roots that the controller was set up with. */
  readonly roots: string;
  readonly checkpoint: readonly string[];
  readonly json?: boolean;
}

/** Options of `farcall audit show`. */
export interface AuditShowOptions extends CommonOptions {
  readonly request?: string;
  readonly kind?: string;
  readonly after: string;
  readonly limit: string;
  readonly newest?: true;
}

const SHOW_LIMIT_MS = 600_000;

/** Verifies a store from its file or database alone and prints every finding as it comes. EXIT.tampered where there is any. */
export async function auditVerify({ terminal }: CliContext, options: AuditVerifyOptions): Promise<ExitCode> {
  const { checkpoint: checkpointFiles, json } = options;
  const report = (finding: AuditFinding): void =>
    terminal.print(json ? JSON.stringify({ event: 'finding', ...finding }) : findingText(finding));
  const roots = readRootsFile(options.roots);
  const summary = await verifyStore({ store: storeOf(options), roots, checkpointFiles, report });
  if (json) terminal.print(JSON.stringify({ event: 'summary', ...summary }));
  else for (const line of summaryText(summary)) terminal.print(line);
  return summary.findings === 0 ? EXIT.ok : EXIT.tampered;
}

function storeOf({ store, config }: AuditVerifyOptions): StoreLocation {
  if (store !== undefined && config === undefined) return { sqlite: store };
  if (store === undefined && config !== undefined) return storeLocation(readConfig(config).store);
  throw new FarcallError('CONFIG_INVALID', 'give either --store or --config: where the store is');
}

function findingText({ kind, table, key, problem }: AuditFinding): string {
  return printable(`${kind}  ${table}${key ? ` ${key}` : ''}: ${problem}`);
}

function summaryText({ storeId, entries, head, coveredSeq, rows, findings }: VerifySummary): string[] {
  const tables = Object.entries(rows).filter(([table]) => table !== 'store_identity' && table !== 'audit');
  return [
    `store ${printable(storeId)}: ${entries} entries, head ${head}`,
    `checkpoints vouch for ${coveredSeq} of them; ${entries - Math.min(coveredSeq, entries)} are newer`,
    `verified: ${tables.map(([table, count]) => `${count} ${table.replace('_', ' ')}`).join(', ')}`,
    findings === 0 ? 'nothing is wrong' : `${findings} findings`,
  ];
}

/** Prints entries of the audit log, oldest first or newest first, as the controller tells them. */
export async function auditShow(context: CliContext, options: AuditShowOptions): Promise<ExitCode> {
  const { request: requestId, kind } = options;
  const afterSeq = numberOf('--after', options.after, 0);
  const limit = numberOf('--limit', options.limit, 1);
  return withSession(context, options, async ({ client }) => {
    const { terminal } = context;
    const beforeSeq = options.newest && Number.MAX_SAFE_INTEGER;
    const query = { requestId, kind, afterSeq, limit, beforeSeq };
    for await (const entry of client.stream('listAudit', query, SHOW_LIMIT_MS))
      terminal.print(options.json ? JSON.stringify(auditEntryToJson(entry)) : entryText(entry));
    return EXIT.ok;
  });
}

function numberOf(option: string, text: string, least: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : -1;
  if (value >= least && (option !== '--limit' || value <= AUDIT_LIMIT)) return value;
  throw new FarcallError('CONFIG_INVALID', `${option}: '${text}' is not a number from ${least} on`);
}

function entryText({ seq, atMs, kind, actor, requestId, host, detail }: AuditEntryView): string {
  const about = [requestId, host === actor ? undefined : host].filter(Boolean).join(' ');
  return printable(
    [seq, formatTime(atMs), kind, actor, about, detail].filter(part => part !== '').join('  '),
  );
}
