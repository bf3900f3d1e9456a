import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { listEmergencies, noteOverdueReviews } from '../../../controller/emergency/index.ts';
import { Delivery } from '../../../controller/notify/delivery.ts';
import { makeEvent, type WebhookEvent } from '../../../controller/notify/make-event.ts';
import { viewRequest } from '../../../controller/requests/index.ts';
import { type Member, START_MS } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';
import { EMERGENCY, EMERGENCY_BUNDLE, emergency, HOUR_MS, review } from '../../kit/emergency-kit.ts';
import { auditFolder, findingsIn, publishBundle, tampered } from '../auditor/support/audited-store.ts';

describe('an emergency', () => {
  let parts: ControllerParts;

  beforeEach(async () => {
    parts = controllerParts(EMERGENCY_BUNDLE);
    await introduce(parts);
  });

  it('an emergency is refused without a ticket in its reason, and by nobody with one', async () => {
    const without = requestBy(parts, 'alice', { ...EMERGENCY, reason: 'nfsd hangs' });
    await expect(without).rejects.toMatchObject({
      code: 'SCOPE_EXCEEDED',
      message: 'alice may not ask for this: the reason of an emergency must name a ticket such as INC-*',
    });
    await expect(requestBy(parts, 'alice', { ...DRAFT, reason: 'no ticket' })).resolves.toBeDefined();
  });

  it('an emergency runs with its own threshold, and is listed until somebody who was not in it reviews it', async () => {
    const id = await emergency(parts);
    expect((await parts.requests.get(id)).state).toBe('dispatched');
    const { emergencies } = await listEmergencies(parts);
    expect(emergencies).toMatchObject([
      { request: { id }, approvers: ['bob'], emergency: { dueAtMs: START_MS + 24 * HOUR_MS, reviewers: 1 } },
    ]);
    await review(parts, 'carol', id);
    expect(await listEmergencies(parts)).toEqual({ emergencies: [] });
    expect((await viewRequest(parts, await parts.requests.get(id))).emergency).toMatchObject({
      reviewedAtMs: START_MS,
      reviews: [{ reviewer: 'carol', verdict: 'accept', reason: 'it was one' }],
    });
  });

  it('an emergency cannot be reviewed by people who were in it, twice by one, or by a token for another', async () => {
    const id = await emergency(parts);
    expect(await codeOf(review(parts, 'alice', id))).toBe('APPROVAL_REFUSED');
    expect(await codeOf(review(parts, 'bob', id))).toBe('APPROVAL_REFUSED');
    expect(await codeOf(review(parts, 'mallory', id))).toBe('TOKEN_KEY_UNKNOWN');
    expect(await codeOf(review(parts, 'carol', id, { req: 'A'.repeat(43) }))).toBe('APPROVAL_REFUSED');
    await review(parts, 'carol', id);
    expect(await codeOf(review(parts, 'carol', id))).toBe('CONFLICT');
  });

  it('an emergency is the only kind of request that is reviewed', async () => {
    const id = await requestBy(parts, 'alice', DRAFT);
    expect(await codeOf(review(parts, 'carol', id))).toBe('NOT_FOUND');
  });

  it('an emergency is recorded once as overdue when nobody reviews it in time', async () => {
    const id = await emergency(parts);
    const overdue = () => parts.audit.page({ kind: 'emergency-overdue', afterSeq: 0, limit: 10 });
    await noteOverdueReviews(parts);
    expect(await overdue()).toEqual([]);
    parts.clock.advance(24 * HOUR_MS);
    await noteOverdueReviews(parts);
    await noteOverdueReviews(parts);
    expect(await overdue()).toMatchObject([{ request_id: id }]);
    expect(await parts.emergencies.counts(parts.clock.nowMs())).toEqual({ unreviewed: 1, overdue: 1 });
    await review(parts, 'carol', id);
    expect(await parts.emergencies.counts(parts.clock.nowMs())).toEqual({ unreviewed: 0, overdue: 0 });
  });

  it('an emergency alarms a webhook that asks for other kinds of events', async () => {
    const taken: WebhookEvent[] = [];
    await parts.logCursors.cursorOf('chat', 'end');
    await emergency(parts);
    const webhook = {
      name: 'chat',
      kinds: ['wave-passed'] as const,
      send: async (event: WebhookEvent) => void taken.push(event),
    };
    const delivery = new Delivery(webhook, {
      ...{ ...parts, random: () => 0.5 },
      makeEvent: row => makeEvent({ ...parts, consoleOrigin: undefined }, row),
    });
    const { epoch } = (await parts.leases.acquire({ name: 'webhooks', holder: 'ctl 1', ttlMs: HOUR_MS }))!;
    const { seq: upToSeq } = await parts.audit.head();
    await delivery.run({ lease: { name: 'webhooks', epoch }, upToSeq, signal: new AbortController().signal });
    expect(taken.map(({ kind }) => kind)).toEqual(['emergency-begun']);
    expect(taken[0]?.message.text).toContain('EMERGENCY: approved; one person must review it by');
  });
});

/** Findings about rows; no checkpoint vouches for these stores. */
async function rowFindingsIn(file: string): Promise<string[]> {
  return (await findingsIn(file)).filter(finding => !finding.startsWith('checkpoint '));
}

describe('the auditor of emergencies', () => {
  async function storeWith(...reviewers: Member[]): Promise<{ readonly file: string; readonly id: string }> {
    const file = join(auditFolder(), 'farcall.db');
    const parts = controllerParts(EMERGENCY_BUNDLE, file);
    await publishBundle(parts, EMERGENCY_BUNDLE);
    await introduce(parts);
    const id = await emergency(parts);
    for (const reviewer of reviewers) await review(parts, reviewer, id);
    await parts.store.close();
    return { file, id };
  }

  it('the auditor of emergencies finds nothing wrong with a reviewed one', async () => {
    expect(await rowFindingsIn((await storeWith('carol')).file)).toEqual([]);
  });

  it('the auditor of emergencies finds a review that was removed, changed, or put there', async () => {
    const { file } = await storeWith('carol');
    expect(await rowFindingsIn(tampered(file, 'delete from reviews'))).toEqual([
      expect.stringMatching(/^missing reviews /),
    ]);
    expect(await rowFindingsIn(tampered(file, "update reviews set verdict = 'object'"))).toEqual([
      expect.stringMatching(/^content reviews .*the log says that the verdict is accept/),
      expect.stringMatching(/^content reviews .*its token says accept/),
    ]);
    const unreviewed = (await storeWith()).file;
    const copied = `insert into reviews select request_id, 'carol', 'accept', 'x', 'y', 1 from emergencies`;
    expect(await rowFindingsIn(tampered(unreviewed, copied))).toEqual([
      expect.stringMatching(/^unbacked reviews /),
    ]);
  });

  it('the auditor of emergencies finds an emergency that was taken off the list', async () => {
    const { file } = await storeWith();
    expect(await rowFindingsIn(tampered(file, 'update emergencies set reviewed_at_ms = 1'))).toEqual([
      expect.stringMatching(/^content emergencies .*its review ended at another time/),
    ]);
    expect(await rowFindingsIn(tampered(file, 'delete from emergencies'))).toEqual([
      expect.stringMatching(/^missing emergencies /),
    ]);
  });
});
