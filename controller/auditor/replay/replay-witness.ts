import { AUDIT_KINDS, type AuditTable } from '../../store/index.ts';
import { compareStatement } from './compare-statement.ts';
import { type ReportFinding, trustedAt, type VerifyContext } from './context.ts';
import type { Replay } from './replayed-entry.ts';
import type { ReplayedWitness } from './replayed-rows.ts';

/** What an entry about a witness means: each witness only goes forward, behind what the log has by then. */
export const REPLAY_WITNESS: { readonly 'log-witnessed': Replay<'log-witnessed'> } = {
  'log-witnessed': ({ seq: at, actor, detail: { seq } }, replay, report) => {
    const before = replay.get<ReplayedWitness>(['witnesses', actor])?.seq ?? 0;
    if (seq <= before) report('state', `${actor} witnesses entry ${seq} after entry ${before}`);
    if (seq >= at) report('state', `${actor} witnesses entry ${seq}, which is not there yet`);
    replay.put(['witnesses', actor], { seq: Math.max(seq, before) } satisfies ReplayedWitness);
  },
};

/**
 * Compares the statement in an entry `log-witnessed` with the entry and with the log. Other entries pass.
 *
 * Threat: somebody who can write to the database, or has the controller's key, writes entries by which a
 * person seems to have witnessed the log. The entry carries what that person signed, and it counts only as
 * far as that goes.
 */
export async function checkLoggedStatement(
  row: AuditTable,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  if (row.kind !== 'log-witnessed') return;
  const parsed = AUDIT_KINDS['log-witnessed'].detail.safeParse(JSON.parse(row.detail));
  const trusted = parsed.success ? trustedAt(parsed.data.trust, context, report) : undefined;
  if (!parsed.success || !trusted) return;
  const { seq, hash, statement: token } = parsed.data;
  const place = { table: 'audit', key: String(row.seq) } as const;
  const { operators: keyring } = trusted;
  const claims = await compareStatement(context, { ...place, token, keyring, atMs: row.at_ms });
  if (!claims) return;
  if (claims.iss !== row.actor) report('content', `the statement is by ${claims.iss}`);
  if (claims.seq !== seq || Buffer.from(claims.hash, 'base64url').toString('hex') !== hash)
    report('content', 'the statement is about another entry, or another hash');
}
