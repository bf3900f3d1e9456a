import { keyId, publicJwkSchema } from '../../../../shared/tokens/index.ts';
import { hostRemoversNeeded } from '../../../../shared/trust/index.ts';
import type { Schema } from '../../../store/index.ts';
import {
  parseJson,
  type ReplayedHostKeys,
  type ReportFinding,
  type TableCheck,
  trustedAt,
  type VerifiedHostKey,
  type VerifiedRemovers,
  type VerifyContext,
} from '../../replay/index.ts';

type Row = Schema['host_keys'];

/** The keys of a host: those that the log records, by an enrolment, from then until then. */
export const hostKeysCheck: TableCheck<Row> = {
  keyOf: ({ enrolment_id }) => [enrolment_id],
  recorded: 'every',
  check(row, context, report) {
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
    if (row.enrolled_at_ms !== recorded.enrolledMs || row.ended_at_ms !== recorded.endedMs)
      report('state', 'the audit log says that it counts from or until another time');
    checkRemoval(row, recorded, context, report);
    const key = ['host-key', recorded.host, recorded.kid] as const;
    const times = replay.get<VerifiedHostKey>(key)?.times ?? [];
    const time = { fromMs: recorded.enrolledMs, toMs: recorded.endedMs };
    replay.put(key, { publicJwk: row.public_jwk, times: [...times, time] } satisfies VerifiedHostKey);
  },
};

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
  const { names } = context.replay.get<VerifiedRemovers>(['removers', enrolment_id]) ?? { names: [] };
  const needed = hostRemoversNeeded(trusted.bundle, removed.atMs);
  if (names.length < needed)
    report('threshold', `${host} was removed by ${names.join(', ') || 'nobody'}; it takes ${needed} people`);
}
