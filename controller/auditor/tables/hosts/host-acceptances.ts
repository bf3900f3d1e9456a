import { reasonOf } from '../../../../shared/errors/index.ts';
import { verifyHostAcceptance } from '../../../../shared/trust/index.ts';
import { auditDigest, type Schema } from '../../../store/index.ts';
import { type ReplayedAcceptance, type TableCheck, trustedAt } from '../../replay/index.ts';

type Row = Schema['host_acceptances'];

/**
 * A held host that may go on: an approver of the time signed that, for this host and this hold.
 *
 * Threat: a controller, or who writes its database and log, lets a host go on whose disk was put back, in the
 * name of people who did not decide that.
 */
export const hostAcceptancesCheck: TableCheck<Row> = {
  keyOf: ({ host, actor, token }) => [host, actor, auditDigest(token)],
  recorded: 'every',
  async check(row, context, report) {
    const { host, actor, token, kid, held_ms: heldMs, reason, accepted_at_ms } = row;
    const key = ['host_acceptances', host, actor, auditDigest(token)] as const;
    const recorded = context.replay.get<ReplayedAcceptance>(key);
    if (!recorded) return;
    if (kid !== recorded.kid || heldMs !== recorded.heldMs || reason !== recorded.reason)
      report('content', 'it is about another key or hold, or has another reason, than the log says');
    if (accepted_at_ms !== recorded.atMs)
      report('content', 'the audit log says that it came at another time');
    const trusted = trustedAt(recorded.trust, context, report);
    if (!trusted) return;
    const { bundle } = trusted;
    try {
      const at = { bundle, nowMs: recorded.atMs };
      const labels = JSON.parse(recorded.labels);
      const signed = await verifyHostAcceptance({ token, host, kid, heldMs, labels, ...at });
      if (signed.by !== actor) report('content', `it is signed by ${signed.by}`);
      if (signed.reason !== reason) report('content', 'its token gives another reason');
    } catch (error) {
      report('signature', reasonOf(error));
    }
  },
};
