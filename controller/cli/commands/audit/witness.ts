import { setTimeout as delay } from 'node:timers/promises';
import { FarcallError, toFarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { requireSite } from '../../../../shared/tokens/index.ts';
import { parseDuration } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  knownBundle,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../../session/index.ts';
import { checkWitnessed } from './witness-check.ts';
import { type Witnessed, witnessRounds } from './witness-round.ts';
import { type OwnStatement, readWitnessState } from './witness-state.ts';

interface AuditWitnessOptions extends CommonOptions {
  /** The file with everything that this witness has signed. */
  readonly state: string;
  readonly every: string;
  readonly once?: true;
  readonly check?: true;
  readonly roots?: string;
}

/** `farcall audit witness`. */
export const addAuditWitness: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('witness'))
    .summary('verify the audit log as it grows, and sign how far')
    .description('Verifies the audit log as it grows, and signs each time how far it is as it was before.')
    .requiredOption('--state <file>', 'what you have signed, and so where you go on; keep it')
    .option('--every <duration>', 'how long to wait between two rounds', '1m')
    .option('--once', 'end after one round')
    .option('--check', 'compare the log that the controller has now with all that you have signed')
    .option(
      '--roots <file>',
      'roots of the site, which lead to the newest trust bundle; default: rootsFile of your configuration',
    );
  addHelp(command, {
    notes: [
      'A witness runs on a machine of their own, with their own key, and does not run the controller. Each statement',
      'becomes an entry log-witnessed of the log. Give the file to auditors: farcall audit verify --witness FILE.',
      'If the log is not as you have verified it, the command ends with exit code 8, and signs nothing more.',
    ],
    examples: [
      'audit witness --state /var/lib/farcall-witness/statements',
      'audit witness --state statements --once',
      'audit witness --state statements --check',
    ],
    exits: [...REMOTE_EXITS, EXIT.tampered],
  }).action(async (options: AuditWitnessOptions) => exitWith(await auditWitness(context, options)));
};

async function auditWitness(context: CliContext, options: AuditWitnessOptions): Promise<ExitCode> {
  const everyMs = parseDuration('--every', options.every);
  return withSession(context, options, async session => {
    const statements = await readWitnessState(options.state, session.identity);
    const ending = new AbortController();
    const unsubscribe = context.terminal.onInterrupt(() => ending.abort());
    const { signal } = ending;
    try {
      if (!options.check) return await witness(context, session, { options, statements, everyMs, signal });
      if (statements.length > 0)
        return await checkWitnessed(context, { session, statements, signal }, options.json === true);
      throw new FarcallError('CONFIG_INVALID', `--state: ${options.state} has no statement to check`);
    } finally {
      unsubscribe();
    }
  });
}

interface Witnessing {
  readonly options: AuditWitnessOptions;
  readonly statements: readonly OwnStatement[];
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

async function witness(
  context: CliContext,
  session: Session,
  { options, statements, everyMs, signal }: Witnessing,
): Promise<ExitCode> {
  const { terminal } = context;
  const rootsFile = options.roots ?? session.identity.rootsFile;
  if (rootsFile === undefined)
    throw new FarcallError('CONFIG_INVALID', 'a witness needs the roots of the site: --roots FILE');
  const trusted = async () => {
    const { bundle } = await knownBundle(context, session.client, rootsFile);
    requireSite(rootsFile, bundle.site, session.identity.site);
    return bundle;
  };
  const last = statements.at(-1);
  const round = witnessRounds({ context, session, path: options.state, trusted, last, signal });
  await submitLast(session, last);
  for (let failures = 0; !signal.aborted; ) {
    try {
      const witnessed = await round();
      if (witnessed) terminal.print(lineOf(witnessed, options.json));
      failures = 0;
    } catch (thrown) {
      if (signal.aborted) break;
      const { retryable, message } = toFarcallError(thrown);
      if (!retryable || options.once) throw thrown;
      failures += 1;
      if (failures === 1) terminal.warn(`farcall lost the controller: ${message}; trying again`);
    }
    if (options.once) break;
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
  return EXIT.ok;
}

/** A crash may have come between keeping the last statement and handing it in. */
async function submitLast({ client, key }: Session, last: OwnStatement | undefined): Promise<void> {
  if (last?.kid === key.kid) await client.call('submitStatement', { token: last.token });
}

function lineOf({ seq, hash, entryAtMs }: Witnessed, json: boolean | undefined): string {
  if (json) return asciiJson({ seq, hash: Buffer.from(hash, 'base64url').toString('hex'), entryAtMs });
  return `witnessed the log up to entry ${seq} of ${new Date(entryAtMs).toISOString()}`;
}
