import { setTimeout as delay } from 'node:timers/promises';
import { Option } from 'commander';
import { backoffMs } from '../../../../shared/backoff/index.ts';
import { toFarcallError } from '../../../../shared/errors/index.ts';
import { AUDIT_LIMIT, type AuditEntryView } from '../../../../shared/messages/index.ts';
import { AUDIT_FORMATS, type AuditFormat, auditLine } from '../../../audit-formats/index.ts';
import { printable } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  parseNumber,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../../session/index.ts';
import { entryPrinter } from './entry-printer.ts';
import { entryText } from './entry-text.ts';
import { readFollowState } from './follow-state.ts';
import { type SeenChain, seenChain } from './seen-chain.ts';

interface AuditFollowOptions extends CommonOptions {
  readonly format: 'text' | AuditFormat;
  readonly from: string;
  /** The file that says how far the log was printed. */
  readonly state?: string;
}

/** `farcall audit follow`. */
export const addAuditFollow: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('follow'))
    .summary('print the entries of the audit log as they are written')
    .description('Prints the entries of the audit log, then each new one as it is written, without an end.')
    .addOption(
      new Option('--format <format>', 'how each entry is printed, as one line')
        .choices(['text', ...AUDIT_FORMATS])
        .default('text'),
    )
    .option('--from <seq>', 'the first entry to print, where there is no state yet', '1')
    .option('--state <file>', 'continue after the entry in this file, and keep it up to date');
  addHelp(command, {
    notes: [
      'It verifies the hash chain as it goes. If the log that the controller sends is not the one that it has seen',
      'before, it ends with exit code 8; with --state that holds over restarts too. If the controller is away, it',
      'tries again until it is back.',
      'With --state, every entry is printed at least once: after a kill, those of the last moment are printed again.',
      'An entry has the same sequence each time, so a reader can drop what it has.',
    ],
    examples: [
      'audit follow --format json --state /var/lib/siem/farcall.state >> /var/log/farcall.json',
      'audit follow --format cef --from 1000',
    ],
    exits: [...REMOTE_EXITS, EXIT.tampered],
  }).action(async (options: AuditFollowOptions) => exitWith(await auditFollow(context, options)));
};

/** The controller ends each stream after a minute. A stream that goes on longer hangs. */
const STREAM_LIMIT_MS = 150_000;
const RETRY = { firstMs: 500, mostMs: 10_000 };

async function auditFollow(context: CliContext, options: AuditFollowOptions): Promise<ExitCode> {
  const fromSeq = parseNumber('--from', options.from, { least: 1, most: Number.MAX_SAFE_INTEGER });
  const { state } = options;
  const format = options.json ? 'json' : options.format;
  const lineOf = format === 'text' ? entryText : (entry: AuditEntryView) => auditLine(entry, format);
  // The store loads both of its engines, which no other command needs.
  const { chainHash } = await import('../../../store/index.ts');
  return withSession(context, options, async session => {
    const { site } = session.identity;
    const seen = state === undefined ? undefined : readFollowState(state, site);
    const chain = seenChain({ seen, fromSeq, chainHash });
    const printer = entryPrinter(context.terminal, { state, site, chain });
    const ending = new AbortController();
    const unsubscribe = context.terminal.onInterrupt(() => ending.abort());
    try {
      await followUntil(context, session, {
        chain,
        signal: ending.signal,
        take: async entry => {
          if (chain.take(entry)) await printer.print(lineOf(entry));
        },
      });
      return EXIT.ok;
    } finally {
      unsubscribe();
      await printer.close();
    }
  });
}

interface Following {
  readonly chain: SeenChain;
  readonly take: (entry: AuditEntryView) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Opens one stream after the other until `signal` is aborted. Throws the error of the first one, and later
 * any error that does not pass by itself.
 */
async function followUntil(
  { terminal }: CliContext,
  { client }: Session,
  { chain, take, signal }: Following,
): Promise<void> {
  let wasConnected = false;
  for (let failures = 0; !signal.aborted; ) {
    try {
      chain.begin();
      const query = { afterSeq: chain.afterSeq(), limit: AUDIT_LIMIT, follow: true };
      for await (const entry of client.stream('listAudit', query, STREAM_LIMIT_MS, signal)) {
        await take(entry);
        if (failures > 0) terminal.warn('farcall follows the audit log again');
        [wasConnected, failures] = [true, 0];
      }
      wasConnected = true;
    } catch (thrown) {
      if (signal.aborted) return;
      const { retryable, message } = toFarcallError(thrown);
      if (!retryable || !wasConnected) throw thrown;
      failures += 1;
      if (failures === 1) terminal.warn(`farcall lost the controller: ${printable(message)}; trying again`);
      await delay(backoffMs(failures, RETRY, Math.random), undefined, { signal }).catch(() => undefined);
    }
  }
}
