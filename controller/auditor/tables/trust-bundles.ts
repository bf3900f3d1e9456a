import { auditDigest, type Schema } from '../../store/index.ts';
import type { TableCheck, TrustNote } from '../replay/index.ts';

type Row = Schema['trust_bundles'];

/**
 * A trust bundle: the one that the log tells of, accepted then, signed by whom it says. That the auditor's roots lead to
 * it was judged when the history was read (`readTrustHistory`).
 */
export const trustBundlesCheck: TableCheck<Row> = {
  keyOf: ({ version }) => [version],
  told: 'every',
  check(row, { notes, trust }, complain) {
    const note = notes.get<TrustNote>(['trust_bundles', row.version]);
    if (!note) return;
    if (auditDigest(row.bundle) !== note.digest)
      complain('digest', 'its bytes are not those that the log tells of');
    if (Buffer.from(row.digest).toString('hex') !== auditDigest(row.bundle))
      complain('digest', 'its digest is not that of its bytes');
    if (row.accepted_at_ms !== note.atMs) complain('content', 'it was accepted at another time, by the log');
    const trusted = trust.trustAt(row.version);
    if (!trusted) return;
    if (trusted.signers.join() !== note.signers.join())
      complain(
        'content',
        `it is signed by ${trusted.signers.join(', ')}, by the log ${note.signers.join(', ')}`,
      );
    if ((row.changes_roots === 1) !== trusted.changesRoots)
      complain('content', 'changes_roots is not what its bytes say');
  },
};
