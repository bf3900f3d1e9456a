import { auditDigest, type Schema } from '../../store/index.ts';
import type { ReplayedTrust, TableCheck } from '../replay/index.ts';

type Row = Schema['trust_bundles'];

/**
 * A trust bundle: the one that the log records, accepted then, signed by whom it says. That the auditor's
 * roots lead to it was judged when the history was read (`readTrustHistory`).
 */
export const trustBundlesCheck: TableCheck<Row> = {
  keyOf: ({ version }) => [version],
  recorded: 'every',
  check(row, { replay, trust }, report) {
    const recorded = replay.get<ReplayedTrust>(['trust_bundles', row.version]);
    if (!recorded) return;
    if (auditDigest(row.bundle) !== recorded.digest)
      report('digest', 'its bytes are not those that the log records');
    if (Buffer.from(row.digest).toString('hex') !== auditDigest(row.bundle))
      report('digest', 'its digest is not that of its bytes');
    if (row.accepted_at_ms !== recorded.atMs)
      report('content', 'the audit log says that it was accepted at another time');
    const trusted = trust.trustAt(row.version);
    if (!trusted) return;
    if (trusted.signers.join() !== recorded.signers.join())
      report(
        'content',
        `it is signed by ${trusted.signers.join(', ')}; the audit log says ${recorded.signers.join(', ')}`,
      );
    if ((row.changes_roots === 1) !== trusted.changesRoots)
      report('content', 'changes_roots is not what its bytes say');
  },
};
