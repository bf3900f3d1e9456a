import { reasonOf } from '../../../shared/errors/index.ts';
import { callRequestCodec } from '../../../shared/messages/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import type { Complain, ExpectedRowsNote, RequestNote, TableCheck, Telling } from '../replay/index.ts';

type Row = Schema['requests'];

/** A request: its bytes are those that the log tells of, its columns say what the bytes say, and its counts add up. */
export const requestsCheck: TableCheck<Row> = {
  keyOf: ({ id }) => [id],
  told: 'every',
  check(row, { notes }, complain) {
    const note = notes.get<RequestNote>(['requests', row.id]);
    if (!note) return;
    checkBytes(row, note, { notes, complain });
    checkHosts(row, note, { rows: notes.get(['expected-rows', row.id]), complain });
    if (row.state !== note.state) complain('state', `it is ${row.state}, and by the log ${note.state}`);
    if (row.settle_at_ms !== note.settleAtMs) complain('content', 'settle_at_ms is not what the log says');
  },
};

function checkBytes(row: Row, note: RequestNote, { notes, complain }: Telling): void {
  if (auditDigest(row.bytes) !== note.digest)
    complain('digest', 'its bytes are not those that the log tells of');
  if (Buffer.from(row.digest).toString('hex') !== auditDigest(row.bytes))
    complain('digest', 'its digest is not that of its bytes');
  const atFirst = note.hosts - note.joined - note.answering;
  try {
    const {
      id,
      requester,
      createdAtMs,
      expiresAtMs,
      planDigest,
      lateJoiners,
      expectedHosts = atFirst,
    } = callRequestCodec.decode(row.bytes);
    if (id !== row.id) complain('content', `its bytes are those of request ${id}`);
    if (requester !== note.requester)
      complain('content', `its bytes are by ${requester}, and by the log it is ${note.requester}'s`);
    if (expectedHosts !== atFirst)
      complain('content', `its bytes are for ${expectedHosts} hosts, and by the log it is for ${atFirst}`);
    if (note.joined > 0 && !lateJoiners)
      complain('content', `${note.joined} hosts joined it, and its bytes do not let any`);
    if (planDigest && !notes.get(['plan-digest', Buffer.from(planDigest).toString('hex')]))
      complain('content', 'it names a plan of which the log does not tell');
    if (createdAtMs !== row.created_at_ms) complain('content', 'created_at_ms is not what its bytes say');
    if (expiresAtMs !== row.expires_at_ms) complain('content', 'expires_at_ms is not what its bytes say');
  } catch (error) {
    complain('content', `its bytes: ${reasonOf(error)}`);
  }
}

function checkHosts(
  row: Row,
  note: RequestNote,
  { rows, complain }: { readonly rows: ExpectedRowsNote | undefined; readonly complain: Complain },
): void {
  if (rows?.digest !== note.expected)
    complain('digest', 'the hosts in expected_hosts are not those that were frozen when it was made');
  if (row.expected_hosts !== note.hosts || rows?.rows !== note.hosts)
    complain(
      'state',
      `it expects ${row.expected_hosts} hosts, has ${rows?.rows ?? 0}, and by the log ${note.hosts}`,
    );
  if (row.settled_hosts !== note.settled || rows?.settled !== note.settled)
    complain(
      'state',
      `it counts ${row.settled_hosts} outcomes, has ${rows?.settled ?? 0}, and by the log ${note.settled}`,
    );
}
