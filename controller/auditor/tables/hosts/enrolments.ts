import { reasonOf } from '../../../../shared/errors/index.ts';
import { enrolmentDraftCodec } from '../../../../shared/messages/index.ts';
import { verifyEnrolment, verifyEnrolmentRevocation } from '../../../../shared/trust/index.ts';
import type { Schema } from '../../../store/index.ts';
import {
  isLogged,
  type ReplayedEnrolment,
  type ReportFinding,
  type TableCheck,
  trustedAt,
  type VerifyContext,
} from '../../replay/index.ts';

type Row = Schema['enrolments'];

/**
 * An enrolment: each of its columns is what the log says, and what somebody signed who was an approver then.
 *
 * Threat: a controller, or who writes its database and log, lets machines in, in the name of people who did
 * not allow that, or with other labels.
 */
export const enrolmentsCheck: TableCheck<Row> = {
  keyOf: ({ id }) => [id],
  recorded: 'every',
  async check(row, context, report) {
    const recorded = context.replay.get<ReplayedEnrolment>(['enrolments', row.id]);
    if (!recorded) return;
    if (row.enrolment_kid !== recorded.key) report('content', 'it has another key than the log says');
    if (row.host !== recorded.host) report('content', `the audit log says that it is for ${recorded.host}`);
    if (row.labels !== recorded.labels)
      report('content', `the audit log says that its labels are ${recorded.labels}`);
    if (row.made_by !== recorded.madeBy)
      report('content', `the audit log says that it is ${recorded.madeBy}'s`);
    const times = [row.made_at_ms, row.expires_at_ms, row.used_at_ms, row.revoked_at_ms];
    if (times.join() !== [recorded.madeMs, recorded.expiresAtMs, recorded.usedMs, recorded.revokedMs].join())
      report(
        'state',
        'the audit log says that it was made, used or revoked at another time, or ends at another',
      );
    if (isLogged('its token', row.token, recorded.token, report))
      await checkToken(row, recorded, context, report);
    const { revocation } = recorded;
    if (
      isLogged('the token by which it was revoked', row.revocation, revocation?.token, report) &&
      revocation
    )
      await checkRevocation(row, revocation, context, report);
  },
};

async function checkToken(
  { draft: bytes, token }: Row,
  recorded: ReplayedEnrolment,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const trusted = trustedAt(recorded.trust, context, report);
  if (!trusted) return;
  const { bundle } = trusted;
  try {
    const by = await verifyEnrolment({ token, draft: bytes, bundle, nowMs: recorded.madeMs });
    if (by !== recorded.madeBy) report('content', `it is signed by ${by}`);
    const { host, labels, enrolmentKid, lifetimeMs } = enrolmentDraftCodec.decode(bytes);
    const signed = [host, JSON.stringify(labels), enrolmentKid, recorded.madeMs + lifetimeMs];
    const logged = [recorded.host, recorded.labels, recorded.key, recorded.expiresAtMs];
    if (signed.some((value, index) => value !== logged[index]))
      report('content', `${by} signed for another host, label, key or end than the log says`);
  } catch (error) {
    report('signature', reasonOf(error));
  }
}

async function checkRevocation(
  { id: enrolment, host, labels, revocation, revoked_at_ms }: Row,
  { by, trust }: NonNullable<ReplayedEnrolment['revocation']>,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const trusted = trustedAt(trust, context, report);
  if (!trusted) return;
  try {
    const toVerify = {
      token: revocation ?? '',
      enrolment,
      host,
      bundle: trusted.bundle,
      labels: JSON.parse(labels),
    };
    const signer = await verifyEnrolmentRevocation({ ...toVerify, nowMs: revoked_at_ms ?? 0 });
    if (signer !== by) report('content', `its revocation is signed by ${signer}`);
  } catch (error) {
    report('signature', `its revocation: ${reasonOf(error)}`);
  }
}
