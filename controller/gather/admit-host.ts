import { FarcallError } from '../../shared/errors/index.ts';
import { journalStatementCodec } from '../../shared/messages/index.ts';
import { authenticHostStatement, type HostStatementDeps } from '../host-statements/index.ts';
import type { Logger } from '../log/index.ts';
import type { AdmissionSigner } from '../signing/index.ts';
import type { HostJournalStore, JournalVerdict } from '../store/index.ts';

/** The stores and services that {@link admitHost} uses. */
export interface AdmitDeps extends HostStatementDeps {
  readonly hostJournals: Pick<HostJournalStore, 'admit'>;
  readonly signAdmission: AdmissionSigner;
  readonly log: Logger;
}

/** What a host signed about its journal. */
export interface HostJournalStatement {
  readonly host: string;
  /** JournalStatement. */
  readonly journal: Uint8Array;
  readonly signature: string;
}

/** The token that admits a host, or why there is none. */
export interface AdmissionDecision {
  readonly admission?: string;
  /** Empty if the host is admitted. */
  readonly held: string;
}

/** How far from now the time of a statement may be. */
const FRESH_MS = 60_000;

/**
 * Decides whether a host may run orders, by how far it says that its journal has come. Throws
 * TOKEN_KEY_UNKNOWN where the host is not enrolled, TOKEN_EXPIRED where its clock is wrong, and the codes of
 * messages and tokens.
 *
 * Threat: a host whose disk was put back, or that was copied, runs again what ran before. The statement is
 * signed by the host's key; the store remembers the last one.
 */
export async function admitHost(
  deps: AdmitDeps,
  { host, journal, signature }: HostJournalStatement,
): Promise<AdmissionDecision> {
  const { kid } = await authenticHostStatement(deps, { host, what: 'journal', bytes: journal, signature });
  const statement = journalStatementCodec.decode(journal);
  if (statement.host !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} reports the journal of ${statement.host}`);
  const { observedAtMs, position } = statement;
  if (Math.abs(deps.clock.nowMs() - observedAtMs) > FRESH_MS)
    throw new FarcallError(
      'TOKEN_EXPIRED',
      `${host} reports its journal as of ${new Date(observedAtMs).toISOString()}; are the clocks right?`,
    );
  const { sequence, head } = position;
  const incarnation = Buffer.from(position.incarnation).toString('base64url');
  const verdict = await deps.hostJournals.admit({ host, kid, incarnation, sequence, head, observedAtMs });
  if (verdict.effect === 'admitted') {
    const { acceptedAtMs } = verdict;
    return { admission: await deps.signAdmission({ host, incarnation, acceptedAtMs }), held: '' };
  }
  const held = reasonOf(host, verdict);
  if (verdict.effect === 'held' && verdict.newly) deps.log.error({ host, why: verdict.why }, HELD);
  if (verdict.effect === 'older') deps.log.warn({ host, reason: held }, 'host not admitted');
  return { held };
}

/** The line of the log about a host that gets no orders from now on. */
export const HELD = 'host held: it gets no orders until a person accepts it';

const WHY = {
  'went-back': 'its journal lacks records that it had before: was its disk put back?',
  'exists-twice': 'two machines speak with its key: was it copied?',
  'record-forged':
    'no controller wrote what the store says of its journal: can somebody else write to the database?',
} as const;

function reasonOf(host: string, verdict: Exclude<JournalVerdict, { effect: 'admitted' }>): string {
  if (verdict.effect === 'older')
    return `a statement from ${new Date(verdict.knownMs).toISOString()} is known, which is later; is the clock right?`;
  const since = new Date(verdict.sinceMs).toISOString();
  return `${host} is held since ${since}: ${WHY[verdict.why]} A person can let it go on: farcall host accept ${host}`;
}
