import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { publishAborts, submitAbort } from '../../../controller/abort/index.ts';
import { publishOrders } from '../../../controller/dispatch/index.ts';
import { answerOrdersQuery, expireOverdue, receiveAbortStatement } from '../../../controller/gather/index.ts';
import { viewRequest } from '../../../controller/requests/index.ts';
import { advanceRequest } from '../../../controller/service/index.ts';
import { REPORTS_START } from '../../../controller/store/index.ts';
import {
  type AbortedProgress,
  abortStatementCodec,
  ordersReplyCodec,
  signedAbortStatementCodec,
} from '../../../shared/messages/index.ts';
import { gateOf } from '../../../shared/rollout/index.ts';
import { ABORTS_SUBJECT } from '../../../shared/subjects/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import { BUNDLE, HOSTS, type HostIdentity, KEYS, keyOf } from '../../kit/cast.ts';
import {
  abortBy,
  approvalBy,
  approve,
  type ControllerParts,
  codeOf,
  commitOne,
  controllerParts,
  DRAFT,
  dispatched,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';
import { abortStatementOf, ordersQueryOf, signStatement } from '../../kit/host-statements.ts';
import { auditFolder, obeying, storyFindingsIn } from '../auditor/support/audited-store.ts';

type Aborter = keyof typeof KEYS;

describe('an abort', () => {
  let parts: ControllerParts;
  let file: string;

  beforeEach(async () => {
    const requesters = [...BUNDLE.requesters, { name: 'mallory', keys: [KEYS.mallory.publicJwk] }];
    file = join(auditFolder(), 'farcall.db');
    parts = controllerParts({ ...BUNDLE, requesters }, file);
    await introduce(parts);
  });

  const state = async (id: string) => (await parts.requests.find(id))?.state;
  const abort = async (by: Aborter, id: string, overrides = {}): Promise<void> => {
    const token = await abortBy(parts, by, id, overrides);
    await submitAbort(parts, { requestId: id, token, submittedBy: by });
  };
  const returned = (requestId: string, host: string) => {
    const result = Buffer.from(`${host} returned`);
    const bytes = { result, digest: sha256(result), signature: 'signed' };
    return { requestId, host, attempt: 1, outcome: 'returned', ...bytes } as const;
  };
  const ask = async (host: string) => {
    const bytes = await ordersQueryOf({ name: host, key: keyOf(host) }, parts.clock.nowMs());
    return ordersReplyCodec.decode(await answerOrdersQuery(parts, { host, bytes }));
  };

  it('an abort ends the denies of a request that is finished, on hosts that ask after it has expired too', async () => {
    const { id } = await dispatched(parts, { ...DRAFT, effect: 'deny' });
    for (const host of ['demo-1', 'demo-2']) await commitOne(parts, returned(id, host));
    expect(await state(id)).toBe('finished');
    const exp = Math.floor(parts.clock.nowMs() / 1000) + 30 * 24 * 3600;
    await abort('bob', id, { exp });
    expect(await state(id)).toBe('finished');
    expect(await codeOf(abort('alice', id, { exp }))).toBe('CONFLICT');
    parts.clock.advance(8 * 24 * 3_600_000);
    expect((await ask('demo-1')).aborts).toHaveLength(1);
    expect(await storyFindingsIn(file)).toEqual([]);
  });

  const mayAbort: Aborter[] = ['alice', 'bob', 'ctl-1'];
  it.each(mayAbort)(
    'an abort by %s ends a request that was not ordered, and every host has an outcome',
    async by => {
      const id = await requestBy(parts, 'alice', DRAFT);
      await abort(by, id);
      expect(await state(id)).toBe('aborted');
      expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'not-ordered', hosts: 2 }]);
      const token = await approvalBy(parts, 'bob', id);
      expect(await codeOf(approve(parts, 'bob', { id, token }))).toBe('CONFLICT');
      await advanceRequest(parts, id);
      expect(await state(id)).toBe('aborted');
      expect(await storyFindingsIn(file)).toEqual([]);
    },
  );

  it('an abort by a requester of other requests, of other bytes, or one that ends early is refused', async () => {
    const { id } = await dispatched(parts);
    expect(await codeOf(abort('mallory', id))).toBe('FORBIDDEN');
    expect(await codeOf(abort('bob', id, { req: 'A'.repeat(43) }))).toBe('TOKEN_CLAIMS');
    const nowS = Math.floor(parts.clock.nowMs() / 1000);
    expect(await codeOf(abort('bob', id, { exp: nowS + 60 }))).toBe('TOKEN_CLAIMS');
    expect(await codeOf(abort('bob', 'nothing1'))).toBe('NOT_FOUND');
    expect(await state(id)).toBe('dispatched');
  });

  it('an abort is published once if the request was ordered, and the order is handed out no more', async () => {
    const { id } = await dispatched(parts);
    expect((await ask('demo-1')).orders).toHaveLength(1);
    await abort('bob', id);
    expect(await state(id)).toBe('aborting');
    await publishAborts(parts);
    await publishAborts(parts);
    const sent = parts.bus.published.filter(({ subject }) => subject === ABORTS_SUBJECT);
    expect(sent).toHaveLength(1);
    const reply = await ask('demo-1');
    expect(reply.orders).toEqual([]);
    expect(reply.aborts).toHaveLength(1);
    expect((await ask('prod-1')).aborts).toEqual([]);
  });

  it('an abort keeps an order back that did not go out yet', async () => {
    parts.bus.isAway = true;
    const id = await requestBy(parts, 'alice', DRAFT);
    for (const person of ['bob', 'carol'] as const)
      await approve(parts, person, { id, token: await approvalBy(parts, person, id) });
    await advanceRequest(parts, id);
    await abort('alice', id);
    parts.bus.isAway = false;
    await publishOrders(parts);
    await publishAborts(parts);
    expect(parts.bus.published.map(({ subject }) => subject)).toEqual([ABORTS_SUBJECT]);
  });

  it('an abort leaves every host with one outcome: its result, or expired', async () => {
    const { id } = await dispatched(parts);
    await abort('carol', id);
    expect(await commitOne(parts, returned(id, 'demo-1'))).toBe('outcome');
    expect(await state(id)).toBe('aborting');
    parts.clock.advance(DRAFT.lifetimeMs + DRAFT.timeoutMs + parts.hostSilenceMs + 1000);
    await expireOverdue(parts);
    expect(await state(id)).toBe('aborted');
    expect(await parts.requests.outcomes(id)).toEqual([
      { outcome: 'returned', hosts: 1 },
      { outcome: 'expired', hosts: 1 },
    ]);
  });

  const TWO_WAVES = {
    waves: [
      { size: '1', bakeMs: 0, manual: false },
      { size: 'rest', bakeMs: 0, manual: false },
    ],
    gate: gateOf({ maxFailedHosts: 0 }),
    answerWithinMs: 5000,
  };

  it('an abort says at once of hosts in waves that had not begun that they certainly did not run', async () => {
    const { id } = await dispatched(parts, { ...DRAFT, rollout: TWO_WAVES });
    await abort('carol', id);
    expect(await state(id)).toBe('aborting');
    expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'not-ordered', hosts: 1 }]);
    parts.clock.advance(DRAFT.lifetimeMs + DRAFT.timeoutMs + parts.hostSilenceMs + 1000);
    await expireOverdue(parts);
    expect(await state(id)).toBe('aborted');
    expect(await parts.requests.outcomes(id)).toEqual([
      { outcome: 'not-ordered', hosts: 1 },
      { outcome: 'expired', hosts: 1 },
    ]);
    expect(await storyFindingsIn(file)).toEqual([]);
  });

  it('an abort ends a request at once if every host that was ordered has answered', async () => {
    const { id } = await dispatched(parts, { ...DRAFT, rollout: TWO_WAVES });
    const { reports } = await parts.reports.page(id, REPORTS_START, 10);
    await commitOne(parts, returned(id, reports.find(({ wave }) => wave === 1)!.host));
    await abort('carol', id);
    expect(await state(id)).toBe('aborted');
  });

  const says = async (
    host: HostIdentity,
    id: string,
    progress: AbortedProgress,
    { named = host.name, as = host.name } = {},
  ): Promise<void> => {
    const requestDigest = (await parts.requests.get(id)).digest;
    const bytes = await abortStatementOf(host, parts.clock.nowMs(), { requestDigest, progress, host: named });
    const deps = obeying(parts);
    await receiveAbortStatement(deps, { host: as, bytes });
    await Promise.all(deps.stored);
  };
  const view = async (id: string) => (await viewRequest(parts, await parts.requests.get(id))).abort;

  it('an abort is over as soon as every host that was ordered says that it obeys it', async () => {
    const { id } = await dispatched(parts);
    await abort('bob', id);
    expect(await view(id)).toMatchObject({
      ...{ obeyed: 0, silent: { hosts: 2, names: ['demo-1', 'demo-2'] }, running: { hosts: 0 } },
    });
    parts.clock.advance(300);
    await says(HOSTS.one, id, 'not-begun');
    expect(await state(id)).toBe('aborting');
    expect(await view(id)).toMatchObject({ obeyed: 1, silent: { hosts: 1, names: ['demo-2'] } });
    expect((await ask('demo-1')).aborts).toEqual([]);
    expect((await ask('demo-2')).aborts).toHaveLength(1);
    parts.clock.advance(300);
    await says(HOSTS.two, id, 'not-begun');
    expect(await state(id)).toBe('aborted');
    expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'aborted', hosts: 2 }]);
    const { atMs, endedAtMs } = (await view(id))!;
    expect(endedAtMs! - atMs).toBe(600);
    expect(await storyFindingsIn(file)).toEqual([]);
  });

  it('an abort waits for the result of a host that had begun, and names it', async () => {
    const { id } = await dispatched(parts);
    await abort('bob', id);
    await says(HOSTS.one, id, 'running');
    await says(HOSTS.two, id, 'not-begun');
    expect(await state(id)).toBe('aborting');
    expect(await view(id)).toMatchObject({ silent: { hosts: 0 }, running: { hosts: 1, names: ['demo-1'] } });
    await commitOne(parts, returned(id, 'demo-1'));
    expect(await state(id)).toBe('aborted');
    expect(await parts.requests.outcomes(id)).toEqual([
      { outcome: 'returned', hosts: 1 },
      { outcome: 'aborted', hosts: 1 },
    ]);
  });

  it('an abort is not obeyed by what another host says, or by a statement of another kind', async () => {
    const { id } = await dispatched(parts);
    await abort('bob', id);
    expect(await codeOf(says(HOSTS.one, id, 'not-begun', { as: 'demo-2' }))).toBe('TOKEN_KEY_UNKNOWN');
    expect(await codeOf(says(HOSTS.one, id, 'not-begun', { named: 'demo-2' }))).toBe('MESSAGE_INVALID');
    const requestDigest = (await parts.requests.get(id)).digest;
    const nowMs = parts.clock.nowMs();
    const statement = abortStatementCodec.encode({
      ...{ host: 'demo-1', requestDigest, progress: 'not-begun', observedAtMs: nowMs },
    });
    const signature = await signStatement(HOSTS.one, { what: 'facts', bytes: statement, nowMs });
    const bytes = signedAbortStatementCodec.encode({ statement, signature });
    expect(await codeOf(receiveAbortStatement(obeying(parts), { host: 'demo-1', bytes }))).toBe(
      'TOKEN_CLAIMS',
    );
    expect(await view(id)).toMatchObject({ obeyed: 0 });
  });

  it('an abort that a host obeys a second time, or that nobody made, changes nothing', async () => {
    const { id } = await dispatched(parts);
    await says(HOSTS.one, id, 'not-begun');
    expect(await parts.requests.outcomes(id)).toEqual([]);
    await abort('bob', id);
    await says(HOSTS.one, id, 'not-begun');
    await says(HOSTS.one, id, 'not-begun');
    await says(HOSTS.other, id, 'not-begun');
    expect(await view(id)).toMatchObject({ obeyed: 1 });
    expect(await commitOne(parts, { ...returned(id, 'demo-1'), outcome: 'aborted' })).toBe('duplicate');
    expect(await storyFindingsIn(file)).toEqual([]);
  });

  it('an abort stops nothing if the request is over or aborted already', async () => {
    const { id } = await dispatched(parts);
    for (const host of ['demo-1', 'demo-2']) await commitOne(parts, returned(id, host));
    expect(await codeOf(abort('bob', id))).toBe('CONFLICT');
    const other = await dispatched(parts);
    await abort('bob', other.id);
    expect(await codeOf(abort('carol', other.id))).toBe('CONFLICT');
  });
});
