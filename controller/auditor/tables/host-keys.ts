import { keyId, publicJwkSchema } from '../../../shared/tokens/index.ts';
import type { Schema } from '../../store/index.ts';
import type { ReplayedHostKeys, VerifiedHostKey } from '../replay/index.ts';
import { parseJson, type TableCheck } from '../replay/index.ts';

type Row = Schema['host_keys'];

/** The keys of a host: those that the log records, by an enrolment, from then until then. */
export const hostKeysCheck: TableCheck<Row> = {
  keyOf: ({ enrolment_id }) => [enrolment_id],
  recorded: 'every',
  check(row, { replay }, report) {
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
    const key = ['host-key', recorded.host, recorded.kid] as const;
    const times = replay.get<VerifiedHostKey>(key)?.times ?? [];
    const time = { fromMs: recorded.enrolledMs, toMs: recorded.endedMs };
    replay.put(key, { publicJwk: row.public_jwk, times: [...times, time] } satisfies VerifiedHostKey);
  },
};
