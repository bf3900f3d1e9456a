import { reasonOf } from '../../../shared/errors/index.ts';
import { verifyToken } from '../../../shared/tokens/index.ts';
import type { Schema } from '../../store/index.ts';
import {
  isLogged,
  type ReplayedEmergency,
  type ReplayedRequest,
  type ReplayedReview,
  type ReportFinding,
  type TableCheck,
  trustedAt,
  type VerifyContext,
} from '../replay/index.ts';

/** An emergency: its row says what the log says about its reviews. */
export const emergenciesCheck: TableCheck<Schema['emergencies']> = {
  keyOf: ({ request_id }) => [request_id],
  recorded: 'every',
  check(row, { replay }, report) {
    const recorded = replay.get<ReplayedEmergency>(['emergencies', row.request_id]);
    if (!recorded) return;
    if (row.begun_at_ms !== recorded.begunMs) report('content', 'the log says that it began at another time');
    if (row.due_at_ms !== recorded.dueAtMs) report('content', 'the log says that it is due at another time');
    if (row.reviewers !== recorded.reviewers)
      report('content', `the log says that ${recorded.reviewers} must review it`);
    if (row.reviewed_at_ms !== recorded.reviewedMs)
      report('content', 'the log says that its review ended at another time, or not at all');
    if (row.overdue_at_ms !== recorded.overdueMs)
      report('content', 'the log says that it was overdue at another time, or not at all');
  },
};

/** A review: signed by somebody who was an approver then, and who was not in the emergency. */
export const reviewsCheck: TableCheck<Schema['reviews']> = {
  keyOf: ({ request_id, reviewer }) => [request_id, reviewer],
  recorded: 'every',
  async check(row, context, report) {
    const recorded = context.replay.get<ReplayedReview>(['reviews', row.request_id, row.reviewer]);
    if (!recorded) return;
    if (row.submitted_at_ms !== recorded.atMs) report('content', 'the log says that it came at another time');
    if (row.verdict !== recorded.verdict)
      report('content', `the log says that the verdict is ${recorded.verdict}`);
    if (isLogged('its token', row.token, recorded.token, report))
      await checkToken(row, recorded, context, report);
  },
};

async function checkToken(
  row: Schema['reviews'],
  { trust, atMs }: ReplayedReview,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const trusted = trustedAt(trust, context, report);
  if (!trusted) return;
  const request = context.replay.get<ReplayedRequest>(['requests', row.request_id]);
  try {
    const options = { site: trusted.bundle.site, keyring: trusted.approvers, nowMs: atMs };
    const { claims, signer } = await verifyToken('review', row.token, options);
    if (signer !== row.reviewer) report('content', `it is signed by ${signer}`);
    if (claims.verdict !== row.verdict) report('content', `its token says ${claims.verdict}`);
    if (claims.reason !== row.reason) report('content', 'its token gives another reason');
    if (Buffer.from(claims.req, 'base64url').toString('hex') !== request?.digest)
      report('content', 'it is about other bytes than those of the request');
    if (signer === request?.requester) report('content', 'the requester made it');
    const approved = request?.decisions.some(
      ({ approver, decision, withdrawn }) => approver === signer && decision === 'approve' && !withdrawn,
    );
    if (approved) report('content', 'an approver of the emergency made it');
  } catch (error) {
    report('signature', reasonOf(error));
  }
}
