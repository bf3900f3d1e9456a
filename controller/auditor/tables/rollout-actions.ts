import { reasonOf } from '../../../shared/errors/index.ts';
import { verifyAction } from '../../../shared/trust/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import {
  type ReplayedAction,
  type ReplayedRequest,
  type ReportFinding,
  type TableCheck,
  trustedAt,
  type VerifyContext,
} from '../replay/index.ts';

type Row = Schema['rollout_actions'];

/**
 * An action on a rollout: its token is the one that the log records, by somebody who might act then, and says
 * what the log says that they did.
 *
 * Threat: a controller, or who writes its database and log, sends waves in the name of people who did not ask
 * for that.
 */
export const rolloutActionsCheck: TableCheck<Row> = {
  keyOf: ({ request_id, token }) => [request_id, auditDigest(token)],
  recorded: 'every',
  async check(row, context, report) {
    const key = ['rollout_actions', row.request_id, auditDigest(row.token)] as const;
    const recorded = context.replay.get<ReplayedAction>(key);
    if (!recorded) return;
    if (row.action !== recorded.action || row.actor !== recorded.actor || row.reason !== recorded.reason)
      report('content', `the audit log says that it is ${recorded.actor}'s ${recorded.action}`);
    if (row.made_at_ms !== recorded.atMs)
      report('content', 'the audit log says that it came at another time');
    await checkToken(row, recorded, context, report);
  },
};

async function checkToken(
  { request_id, token }: Row,
  recorded: ReplayedAction,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const trusted = trustedAt(recorded.trust, context, report);
  if (!trusted) return;
  const { bundle } = trusted;
  const digest = context.replay.get<ReplayedRequest>(['requests', request_id])?.digest ?? '';
  try {
    const requestDigest = Buffer.from(digest, 'hex');
    const signed = await verifyAction({ token, requestDigest, bundle, nowMs: recorded.atMs });
    if (signed.by !== recorded.actor) report('content', `it is signed by ${signed.by}`);
    if (signed.action !== recorded.action) report('content', `its token says ${signed.action}`);
    if (signed.reason !== recorded.reason) report('content', 'its token gives another reason');
    if (signed.only.toSorted().join() !== recorded.only.join())
      report('content', 'its token names other hosts to try again');
    const isAnyWave = signed.action === 'pause' && signed.wave === 0;
    if (!isAnyWave && signed.wave !== recorded.wave)
      report('content', `its token is about wave ${signed.wave}, and it came at wave ${recorded.wave}`);
  } catch (error) {
    report('signature', reasonOf(error));
  }
}
