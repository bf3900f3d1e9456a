import { keyId, publicJwkSchema } from '../../../shared/tokens/index.ts';
import type { Schema } from '../../store/index.ts';
import type { HostKeyNote, HostKeysNote } from '../replay/index.ts';
import { parseJson, type TableCheck } from '../replay/index.ts';

type Row = Schema['host_keys'];

/** The keys of a host: those that the log tells of, by an enrolment, from then until then. */
export const hostKeysCheck: TableCheck<Row> = {
  keyOf: ({ enrolment_id }) => [enrolment_id],
  told: 'every',
  check(row, { notes }, complain) {
    const note = notes.get<HostKeysNote>(['host_keys', row.enrolment_id]);
    if (!note) return;
    const jwk = publicJwkSchema.safeParse(parseJson(row.public_jwk));
    const isIts = jwk.success && keyId(jwk.data) === note.kid && JSON.stringify(jwk.data) === row.public_jwk;
    if (row.kid !== note.kid || !isIts) return complain('content', `its key is not ${note.kid}, by the log`);
    if (row.host !== note.host) complain('content', `by the log it is ${note.host}`);
    if (row.nkey !== note.nkey) complain('content', `by the log its nkey is ${note.nkey}`);
    if (row.labels !== note.labels) complain('content', `by the log its labels are ${note.labels}`);
    if (row.enrolled_at_ms !== note.enrolledMs || row.ended_at_ms !== note.endedMs)
      complain('state', 'it counts from or until another time, by the log');
    const key = ['host-key', note.host, note.kid] as const;
    const times = notes.get<HostKeyNote>(key)?.times ?? [];
    const time = { fromMs: note.enrolledMs, toMs: note.endedMs };
    notes.put(key, { publicJwk: row.public_jwk, times: [...times, time] } satisfies HostKeyNote);
  },
};
