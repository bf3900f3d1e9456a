import { type AuditKind, auditDigest, type ReplayKey } from '../../store/index.ts';
import { labelsOf } from './replay-enrolment.ts';
import { byNewestTrust } from './replay-request.ts';
import type { Replay } from './replayed-entry.ts';
import type { ReplayedActiveLock, ReplayedLock } from './replayed-rows.ts';

type LockEntryKind = Extract<AuditKind, 'lock-set' | 'lock-ended'>;

/** What each kind of entry about locks means; as `REPLAY_KINDS`. */
export const REPLAY_LOCKS: { readonly [K in LockEntryKind]: Replay<K> } = {
  'lock-set': ({ actor, atMs, detail }, replay, report) => {
    const { what, name, kids, reason, token, trust, signed } = detail;
    byNewestTrust({ atMs, detail }, { replay, report });
    if (auditDigest(signed) !== token) report('content', 'its token is not the one of the digest');
    if (replay.get<ReplayedActiveLock>(['active-locks', what, name])?.atMs)
      report('state', `the ${what} ${name} is locked a second time`);
    const set = { kids: JSON.stringify(kids), reason, lockedBy: actor, token, trust };
    const labels = what === 'host' ? labelsOf(name, { replay, report }) : '{}';
    const lock = { ...set, labels, endedBy: null, endedMs: null, end: null };
    replay.put(['locks', what, name, String(atMs)], lock satisfies ReplayedLock);
    replay.put(['active-locks', what, name], { atMs } satisfies ReplayedActiveLock);
  },
  'lock-ended': ({ actor, atMs, detail }, replay, report) => {
    const { what, name, reason, token, trust } = detail;
    byNewestTrust({ atMs, detail }, { replay, report });
    const standing = replay.get<ReplayedActiveLock>(['active-locks', what, name]);
    if (!standing?.atMs) return report('state', `the ${what} ${name} is unlocked without a lock`);
    const key: ReplayKey = ['locks', what, name, String(standing.atMs)];
    const lock = replay.get<ReplayedLock>(key);
    const labels = what === 'host' ? labelsOf(name, { replay, report }) : '{}';
    const ended = { endedBy: actor, endedMs: atMs, end: { reason, token, trust, labels } };
    if (lock) replay.put(key, { ...lock, ...ended } satisfies ReplayedLock);
    replay.put(['active-locks', what, name], { atMs: 0 } satisfies ReplayedActiveLock);
  },
};
