import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { readRootsFile } from '../../../../shared/trust/index.ts';
import type { AuditFinding, VerifySummary } from '../../../auditor/index.ts';
import type { StoreLocation } from '../../../store/index.ts';
import { printable } from '../../../views/index.ts';
import { type AddCommand, addHelp, collect, EXIT, type ExitCode, withJson } from '../../core/index.ts';
import type { CliContext } from '../../session/index.ts';

interface AuditVerifyOptions {
  readonly store?: string;
  /** The configuration of a controller, which names its store and its store key. */
  readonly config?: string;
  readonly storeKey?: string;
  /** The roots with which the controller was set up. */
  readonly roots: string;
  readonly checkpoint: readonly string[];
  /** What witnesses keep. */
  readonly witness: readonly string[];
  readonly json?: boolean;
}

/** `farcall audit verify`. */
export const addAuditVerify: AddCommand = (parent, context, exitWith) => {
  const command = withJson(parent.command('verify'))
    .summary('verify a store: signatures, sums, the hash chain')
    .description(
      'Verifies a store from its file or database alone: every signature, every sum and the hash chain of the log.',
    )
    .option('--store <file>', "the controller's SQLite file; the controller may be running")
    .option('--config <file>', "a controller's configuration, which names its store and its store key")
    .option('--store-key <file>', "the key of the store's MACs, for rows that the log does not tell of")
    .requiredOption(
      '--roots <file>',
      "the roots with which the controller was set up; use the auditor's own copy",
    )
    .option(
      '--checkpoint <file>',
      'checkpoints from outside the store, one per line; may be repeated',
      collect,
      [],
    )
    .option('--witness <file>', 'what a witness has signed and keeps; may be repeated', collect, []);
  addHelp(command, {
    notes: [
      'It only reads the store. It prints each finding; with --json, each as one line of JSON.',
      'The controller appends checkpoints to a file (checkpointFile), and every host keeps them too (farcall-agent',
      "checkpoint show). They reveal entries that were cut off, or rewritten with the controller's own key.",
      'So do the statements of witnesses (farcall audit witness), up to the last one of each.',
    ],
    examples: [
      'audit verify --store farcall.db --roots roots.json --checkpoint web-01.checkpoints',
      'audit verify --config /var/lib/farcall-controller/controller.json --roots roots.json --json',
    ],
    exits: [EXIT.refused, EXIT.unreachable, EXIT.tampered],
  }).action(async (options: AuditVerifyOptions) => exitWith(await auditVerify(context, options)));
};

async function auditVerify({ terminal }: CliContext, options: AuditVerifyOptions): Promise<ExitCode> {
  const { checkpoint: checkpointFiles, witness: witnessFiles, json } = options;
  const report = (finding: AuditFinding): void =>
    terminal.print(json ? asciiJson({ event: 'finding', ...finding }) : findingText(finding));
  const roots = readRootsFile(options.roots);
  const { store, storeKeyFile } = await storeOf(options);
  // The auditor loads the stores of both engines, which no other command needs.
  const { verifyStore } = await import('../../../auditor/index.ts');
  const { readStoreKey } = await import('../../../store/index.ts');
  const storeKey = storeKeyFile === undefined ? undefined : readStoreKey(storeKeyFile, roots.site);
  const summary = await verifyStore({ store, roots, storeKey, checkpointFiles, witnessFiles, report });
  if (json) terminal.print(asciiJson({ event: 'summary', ...summary }));
  else for (const line of summaryText(summary)) terminal.print(line);
  return summary.findings === 0 ? EXIT.ok : EXIT.tampered;
}

interface NamedStore {
  readonly store: StoreLocation;
  readonly storeKeyFile: string | undefined;
}

async function storeOf({ store, config, storeKey }: AuditVerifyOptions): Promise<NamedStore> {
  if (store !== undefined && config === undefined)
    return { store: { sqlite: store }, storeKeyFile: storeKey };
  if (store === undefined && config !== undefined) {
    const { readConfig, storeLocation } = await import('../../../config/index.ts');
    const { store: configured, storeKeyFile } = readConfig(config);
    return { store: storeLocation(configured), storeKeyFile: storeKey ?? storeKeyFile };
  }
  throw new FarcallError('CONFIG_INVALID', 'give either --store or --config, to name the store');
}

function findingText({ kind, table, key, problem }: AuditFinding): string {
  return printable(`${kind}  ${table}${key ? ` ${key}` : ''}: ${problem}`);
}

function summaryText(summary: VerifySummary): string[] {
  const { storeId, entries, head, coveredSeq, rows, macs, findings } = summary;
  const tables = Object.entries(rows).filter(([table]) => table !== 'store_identity' && table !== 'audit');
  const rowsText = tables.map(([table, count]) => `${table.replaceAll('_', ' ')}: ${count}`);
  return [
    `store ${printable(storeId)}: entries ${entries}, head ${head}`,
    `entries that checkpoints cover: ${coveredSeq}; newer ones: ${entries - Math.min(coveredSeq, entries)}`,
    ...witnessText(summary),
    `verified rows: ${rowsText.join(', ')}`,
    macs.verified
      ? `MACs verified: ${macs.rows}`
      : `MACs NOT verified: ${macs.rows}; --store-key names the key`,
    findings === 0 ? 'nothing is wrong' : `findings: ${findings}`,
  ];
}

function witnessText({ witnesses, witnessedSeq }: VerifySummary): string[] {
  if (witnesses.length === 0) return ['no witness has verified the log'];
  const each = witnesses.map(
    ({ witness, seq, atMs }) => `${witness} up to ${seq} at ${new Date(atMs).toISOString()}`,
  );
  return [
    `witnessed: ${printable(each.join(', '))}`,
    `entries that somebody witnessed who did not cause them: up to ${witnessedSeq}`,
  ];
}
