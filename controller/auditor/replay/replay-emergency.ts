import type { Replay } from './replayed-entry.ts';
import type { ReplayedEmergency, ReplayedRequest, ReplayedReview } from './replayed-rows.ts';

/**
 * What entries about emergencies mean: each begins once, when its request was approved, and is reviewed by
 * people who were not in it.
 */
export const REPLAY_EMERGENCY: {
  readonly [K in 'emergency-begun' | 'emergency-reviewed' | 'emergency-overdue']: Replay<K>;
} = {
  'emergency-begun': ({ requestId, actor, atMs, detail }, replay, report) => {
    if (actor !== 'controller') report('entry', `${actor} begins an emergency`);
    if (replay.get<ReplayedRequest>(['requests', requestId])?.state !== 'approved')
      report('state', `request ${requestId} becomes an emergency without having been approved`);
    if (replay.get(['emergencies', requestId]))
      return report('state', `request ${requestId} becomes an emergency a second time`);
    const begun = { ...detail, begunMs: atMs, reviewedMs: null, overdueMs: null, reviews: 0 };
    replay.put(['emergencies', requestId], begun satisfies ReplayedEmergency);
  },
  'emergency-reviewed': ({ requestId, actor, atMs, detail }, replay, report) => {
    const emergency = replay.get<ReplayedEmergency>(['emergencies', requestId]);
    if (!emergency) return report('state', `request ${requestId} is reviewed, and was no emergency`);
    const key = ['reviews', requestId, actor] as const;
    if (replay.get(key)) return report('state', `${actor} reviews request ${requestId} a second time`);
    if (!replay.get(['trust_bundles', detail.trust]))
      report('trust', `it goes by trust bundle ${detail.trust}, which did not count by then`);
    const { token, verdict, trust, enough } = detail;
    replay.put(key, { token, verdict, trust, atMs } satisfies ReplayedReview);
    const reviews = emergency.reviews + 1;
    const isLast = emergency.reviewedMs === null && reviews >= emergency.reviewers;
    if (enough !== isLast)
      report('state', `it ${enough ? 'ends' : 'leaves open'} the review of request ${requestId}`);
    const reviewedMs = isLast ? atMs : emergency.reviewedMs;
    replay.put(['emergencies', requestId], { ...emergency, reviews, reviewedMs });
  },
  'emergency-overdue': ({ requestId, actor, atMs }, replay, report) => {
    const emergency = replay.get<ReplayedEmergency>(['emergencies', requestId]);
    if (actor !== 'controller') report('entry', `${actor} finds an emergency overdue`);
    if (emergency?.reviewedMs !== null || emergency.overdueMs !== null || emergency.dueAtMs > atMs)
      return report('state', `request ${requestId} is no emergency whose reviews are overdue`);
    replay.put(['emergencies', requestId], { ...emergency, overdueMs: atMs });
  },
};
