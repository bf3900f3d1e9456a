import { reasonOf } from '../../../../shared/errors/index.ts';
import { redemptionCodec } from '../../../../shared/messages/index.ts';
import { keyId, publicJwkSchema } from '../../../../shared/tokens/index.ts';
import { hostRemoversNeeded } from '../../../../shared/trust/index.ts';
import { verifyRedemption } from '../../../redemption/index.ts';
import type { Schema } from '../../../store/index.ts';
import {
  parseJson,
  type ReplayedEnrolment,
  type ReplayedHostKeys,
  type ReplayedLabelChange,
  type ReportFinding,
  type TableCheck,
  trustedAt,
  type VerifiedHostKey,
  type VerifiedSigners,
  type VerifyContext,
} from '../../replay/index.ts';

type Row = Schema['host_keys'];

/** The keys of a host: those that the log records, by an enrolment, from then until then. */
export const hostKeysCheck: TableCheck<Row> = {
  keyOf: ({ enrolment_id }) => [enrolment_id],
  recorded: 'every',
  async check(row, context, report) {
    const { replay } = context;
    const recorded = replay.get<ReplayedHostKeys>(['host_keys', row.enrolment_id]);
    if (!recorded) return;
    const jwk = publicJwkSchema.safeParse(parseJson(row.public_jwk));
    const isIts =
      jwk.success && keyId(jwk.data) === recorded.kid && JSON.stringify(jwk.data) === row.public_jwk;
    if (row.kid !== recorded.kid || !isIts)
      return report('content', `the audit log says that its key is ${recorded.kid}`);
    if (row.host !== recorded.host) report('content', `the audit log says that it is ${recorded.host}`);
    if (row.nkey !== recorded.nkey) report('content', `the audit log says that its nkey is ${recorded.nkey}`);
    if (row.labels !== recorded.labels)
      report('content', `the audit log says that its labels are ${recorded.labels}`);
    if (row.labels_number !== recorded.labelChanges.length)
      report('content', `the audit log says that its labels changed ${recorded.labelChanges.length} times`);
    if (row.enrolled_at_ms !== recorded.enrolledMs || row.ended_at_ms !== recorded.endedMs)
      report('state', 'the audit log says that it counts from or until another time');
    checkRemoval(row, recorded, context, report);
    for (const change of recorded.labelChanges) checkLabels(row, change, context, report);
    const key = ['host-key', recorded.host, recorded.kid] as const;
    const times = replay.get<VerifiedHostKey>(key)?.times ?? [];
    const time = { fromMs: recorded.enrolledMs, toMs: recorded.endedMs };
    replay.put(key, { publicJwk: row.public_jwk, times: [...times, time] } satisfies VerifiedHostKey);
    await checkRedemption(row, recorded, context, report);
  },
};

/**
 * Threat: a controller, or who writes its database and log, makes a machine of their own a host. The key of
 * the enrolment token signed for the keys of the host, an approver signed for the key of the token, and no
 * controller ever had its private part.
 */
async function checkRedemption(
  { enrolment_id, redemption }: Row,
  { host, kid, nkey, enrolledMs }: ReplayedHostKeys,
  { replay, trust }: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const enrolment = replay.get<ReplayedEnrolment>(['enrolments', enrolment_id]);
  try {
    const at = { site: trust.site, nowMs: enrolledMs };
    const claim = await verifyRedemption(redemptionCodec.decode(redemption), at);
    if (claim.host !== host || claim.kid !== kid || claim.nkey !== nkey)
      report('content', `its redemption is that of ${claim.host} with the key ${claim.kid}`);
    if (claim.enrolmentKid !== enrolment?.key)
      report('content', 'its redemption is by the token of another enrolment');
  } catch (error) {
    report('signature', `its redemption: ${reasonOf(error)}`);
  }
}

/**
 * Threat: a controller, or who writes its database and log, removes hosts in the name of people who did not
 * sign that, or by one of them alone.
 */
function checkRemoval(
  { enrolment_id }: Row,
  { host, removed }: ReplayedHostKeys,
  context: VerifyContext,
  report: ReportFinding,
): void {
  if (!removed) return;
  const trusted = trustedAt(removed.trust, context, report);
  if (!trusted) return;
  const { names } = context.replay.get<VerifiedSigners>(['removers', enrolment_id]) ?? { names: [] };
  const needed = hostRemoversNeeded(trusted.bundle, removed.atMs);
  if (names.length < needed)
    report('threshold', `${host} was removed by ${names.join(', ') || 'nobody'}; it takes ${needed} people`);
}

/**
 * Threat: a controller, or who writes its database and log, gives hosts other labels in the name of people
 * who did not sign that, or by one of them alone.
 */
function checkLabels(
  { enrolment_id, host }: Row,
  { number, trust, atMs }: ReplayedLabelChange,
  context: VerifyContext,
  report: ReportFinding,
): void {
  const trusted = trustedAt(trust, context, report);
  if (!trusted) return;
  const key = ['labellers', enrolment_id, String(number)] as const;
  const { names } = context.replay.get<VerifiedSigners>(key) ?? { names: [] };
  const needed = hostRemoversNeeded(trusted.bundle, atMs);
  if (names.length < needed)
    report(
      'threshold',
      `change ${number} of the labels of ${host} is by ${names.join(', ') || 'nobody'}; it takes ${needed} people`,
    );
}
