import { submitReview } from '../../controller/emergency/index.ts';
import { advanceRequest } from '../../controller/service/index.ts';
import { digestText } from '../../shared/tokens/index.ts';
import { bundleAt, KEYS, type Member, START_MS, tokenOf } from './cast.ts';
import { approvalBy, approve, type ControllerParts, DRAFT, requestBy } from './controller-kit.ts';

/** An hour, in milliseconds. */
export const HOUR_MS = 3_600_000;
/** A bundle by which one approver is enough in an emergency, which somebody else reviews. */
export const EMERGENCY_BUNDLE = bundleAt(START_MS, {
  thresholds: {
    standard: { read: 1, call: 2, write: 2 },
    emergency: { read: 1, call: 1, write: 1 },
  },
  emergency: { ticket: 'INC-*', reviewWithinMs: 24 * HOUR_MS, reviewers: 1 },
});
/** The draft of an emergency. */
export const EMERGENCY = { ...DRAFT, policy: 'emergency', reason: 'nfsd hangs (INC-4711).' } as const;

/** A request of alice's that bob alone approves, as the emergency policy lets them. */
export async function emergency(parts: ControllerParts): Promise<string> {
  const id = await requestBy(parts, 'alice', EMERGENCY);
  await approve(parts, 'bob', { id, token: await approvalBy(parts, 'bob', id) });
  await advanceRequest(parts, id);
  return id;
}

/** Has `by` review an emergency. */
export async function review(
  parts: ControllerParts,
  by: Member,
  id: string,
  changes: object = {},
): Promise<void> {
  const iat = Math.floor(parts.clock.nowMs() / 1000);
  const req = digestText((await parts.requests.get(id)).digest);
  const claims = { iss: by, iat, exp: iat + 600, req, verdict: 'accept', reason: 'it was one', ...changes };
  const token = await tokenOf('review', claims as Parameters<typeof tokenOf<'review'>>[1], KEYS[by]);
  await submitReview(parts, { requestId: id, token, submittedBy: by });
}
