import { toFarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { EXIT, type ExitCode } from '../../core/index.ts';
import type { CliContext, Session } from '../../session/index.ts';
import { readLog } from './read-log.ts';
import { seenChain } from './seen-chain.ts';
import type { OwnStatement } from './witness-state.ts';

/** The log that the controller serves, and what the witness has signed of it before. */
export interface WitnessCheck {
  readonly session: Session;
  /** The oldest first. */
  readonly statements: readonly OwnStatement[];
  readonly signal: AbortSignal;
}

/** The first statement that the log contradicts, and how. */
interface Contradiction {
  readonly statement: OwnStatement;
  readonly problem: string;
}

/**
 * Compares the log that the controller serves now with everything that the witness has signed, prints the
 * first contradiction or how far they agree, and resolves to the exit code.
 */
export async function checkWitnessed(
  { terminal }: CliContext,
  check: WitnessCheck,
  json: boolean,
): Promise<ExitCode> {
  const { statements } = check;
  const { name: witness } = check.session.identity;
  const { agreed, contradiction } = await compare(check);
  if (!contradiction) {
    const { seq, madeAtMs } = statements.at(-1)!;
    const count = statements.length;
    const text = `the log is as ${witness} witnessed it ${count} times, up to entry ${seq} at ${timeOf(madeAtMs)}`;
    terminal.print(json ? asciiJson({ witness, agreedSeq: seq, statements: count }) : text);
    return EXIT.ok;
  }
  const { statement, problem } = contradiction;
  const { seq, madeAtMs } = statement;
  const text = `${witness} witnessed entry ${seq} at ${timeOf(madeAtMs)}: ${problem}`;
  terminal.print(
    json
      ? asciiJson({ witness, agreedSeq: agreed?.seq ?? 0, contradictedSeq: seq, madeAtMs, problem })
      : `${text}; it is as witnessed up to entry ${agreed?.seq ?? 0}`,
  );
  return EXIT.tampered;
}

/** Reads the log once, from its beginning. */
async function compare({ session: { client }, statements, signal }: WitnessCheck): Promise<{
  readonly agreed: OwnStatement | undefined;
  readonly contradiction?: Contradiction;
}> {
  const { chainHash, chainStart } = await import('../../../store/index.ts');
  const seen = { seq: 0, hash: chainStart(statements[0]!.store) };
  const chain = seenChain({ seen, fromSeq: 1, chainHash });
  let next = 0;
  let contradiction: Contradiction | undefined;
  const found = (problem: string): void => {
    contradiction ??= { statement: statements[next]!, problem };
  };
  try {
    const take = ({ seq, hash }: { readonly seq: number; readonly hash: Uint8Array }): void => {
      while (!contradiction && statements[next]?.seq === seq)
        if (Buffer.compare(statements[next]!.hash, hash) === 0) next += 1;
        else found('the log was rewritten, for the entry had another hash');
    };
    await readLog(client, { chain, take, signal });
    if (next < statements.length) found('the log was cut, or an old copy restored');
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    if (code !== 'AUDIT_CONTRADICTED') throw thrown;
    if (next >= statements.length) throw thrown;
    found(message);
  }
  const agreed = statements[next - 1];
  return contradiction ? { agreed, contradiction } : { agreed };
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
