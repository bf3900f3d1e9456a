import { beforeEach, describe, expect, it } from 'vitest';
import { Prelude } from '../../../agent/compiler/index.ts';
import { receiveHello } from '../../../controller/gather/index.ts';
import { findPlan, makePlan } from '../../../controller/plan/index.ts';
import {
  callRequestCodec,
  type HostFacts,
  type PlanDraft,
  type PlanEvent,
  type PlanReply,
  planCodec,
  planEnvelopeCodec,
  planQueryCodec,
  planReplyCodec,
} from '../../../shared/messages/index.ts';
import { allHostsSubject, hostSubject } from '../../../shared/subjects/index.ts';
import { hostNamesDigest } from '../../../shared/targets/index.ts';
import { digestText, publicKeyOf, sha256 } from '../../../shared/tokens/index.ts';
import { claimsIn, HOSTS, type HostIdentity, KEYS } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';
import { helloOf, planOf } from '../../kit/host-statements.ts';

const { program, selector, effect, policy, timeoutMs } = DRAFT;
const PLAN: PlanDraft = {
  ...{ program, selector, effect, policy, timeoutMs },
  perKernel: 2,
  hosts: [],
  waitMs: 60_000,
};

describe('a plan', () => {
  let parts: ControllerParts;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
  });

  function make(draft: Partial<PlanDraft> = {}, signal = new AbortController().signal) {
    return makePlan(parts, { ...PLAN, ...draft }, { requester: 'alice', signal });
  }

  /** The bytes of the query that was sent last. */
  function query(): Uint8Array {
    return planEnvelopeCodec.decode(parts.bus.published.at(-1)!.bytes).query;
  }

  async function hear(host: HostIdentity, reply: Uint8Array, as = host.name): Promise<void> {
    const subject = hostSubject(as, 'plan');
    await parts.bus.deliver(allHostsSubject('plan'), { subject, bytes: reply, replyTo: undefined });
  }

  /** Makes a plan that each of `hosts` answers as soon as it is asked. */
  async function answered(
    hosts: readonly (HostIdentity & { readonly says?: Partial<PlanReply> })[],
    draft: Partial<PlanDraft> = {},
  ): Promise<{ events: PlanEvent[]; id: string }> {
    const events: PlanEvent[] = [];
    for await (const event of make(draft)) {
      events.push(event);
      if (events.length > 1) continue;
      for (const host of hosts) await hear(host, await planOf(host, query(), parts.clock.nowMs(), host.says));
    }
    return { events, id: events.at(-1)?.plan?.id ?? '' };
  }

  it('a plan holds what the hosts replied to its query, and their kernels, and is stored under its digest', async () => {
    const { events, id } = await answered([HOSTS.two, HOSTS.one]);
    expect(events.map(({ asked, answered: count }) => [asked, count])).toEqual([
      [2, 0],
      [2, 2],
    ]);
    const bytes = events.at(-1)!.plan!.plan;
    const plan = planCodec.decode(bytes);
    expect(plan).toMatchObject({
      selector: 'env=demo',
      expectedHosts: 2,
      kernels: [{ release: '6.12.48+deb13-amd64', version: '', hosts: 2, asked: ['demo-1', 'demo-2'] }],
    });
    expect(Buffer.from(plan.expectedHostsDigest).equals(hostNamesDigest(['demo-1', 'demo-2']))).toBe(true);
    expect(plan.replies.map(({ reply }) => planReplyCodec.decode(reply).host)).toEqual(['demo-1', 'demo-2']);
    expect(planQueryCodec.decode(plan.query)).toMatchObject({
      id,
      requester: 'alice',
      program,
      hosts: ['demo-1', 'demo-2'],
    });
    expect((await parts.plans.findByDigest(sha256(bytes)))?.id).toBe(id);
    expect(await findPlan(parts, { id })).toMatchObject({ madeBy: 'alice' });
    expect(await findPlan(parts, { digest: sha256(bytes) })).toMatchObject({ id });
    const [entry] = await parts.audit.page({ kind: 'plan-made', afterSeq: 0, limit: 5 });
    expect([entry?.actor, JSON.parse(entry?.detail ?? '')]).toEqual([
      'alice',
      { plan: id, digest: Buffer.from(sha256(bytes)).toString('hex'), hosts: 2, answered: 2 },
    ]);
  });

  it('a plan says whether the kernels take what this controller signs', async () => {
    const keys = [{ name: 'fleet-2026', keyId: '00aa' }];
    const signing = { kcoreReadable: true, buildId: '', keyrings: {}, keys };
    const nowMs = parts.clock.nowMs() + 1000;
    for (const [host, facts] of [
      [HOSTS.one, { sigEnforce: true, signing }],
      [HOSTS.two, { lockdown: 'integrity', signing: { ...signing, keys: [] } }],
    ] satisfies [HostIdentity, Partial<HostFacts>][])
      await receiveHello(parts, { host: host.name, bytes: await helloOf(host, nowMs, facts) });
    parts.moduleTrust = { name: 'fleet-2026', keyId: '00aa' };
    const { events } = await answered([HOSTS.one, HOSTS.two]);
    const { signing: said } = planCodec.decode(events.at(-1)!.plan!.plan);
    expect(said).toEqual({ anchor: 'fleet-2026', enforcing: 2, trusting: 1, distrusting: 1, silent: 0 });
  });

  it('a plan is asked for in the controller’s name, of each host on its own subject', async () => {
    await answered([HOSTS.one, HOSTS.two]);
    const sent = parts.bus.published.filter(({ subject }) => subject.startsWith('farcall.to.'));
    expect(sent.map(({ subject }) => subject)).toEqual(['farcall.to.demo-1.plan', 'farcall.to.demo-2.plan']);
    const envelope = planEnvelopeCodec.decode(sent[0]!.bytes);
    const keyring = new Map([
      [KEYS['ctl-1'].kid, { owner: 'ctl-1', key: publicKeyOf(KEYS['ctl-1'].publicJwk) }],
    ]);
    const { claims } = await claimsIn('plan', envelope.token, { keyring, nowMs: parts.clock.nowMs() });
    expect(claims.sha256).toBe(digestText(sha256(envelope.query)));
  });

  it('a plan is made without hosts that do not answer in time, and names them as asked', async () => {
    const { events } = await answered([HOSTS.one], { waitMs: 100 });
    const plan = planCodec.decode(events.at(-1)!.plan!.plan);
    expect(plan.replies).toHaveLength(1);
    expect(plan.kernels[0]?.asked).toEqual(['demo-1', 'demo-2']);
  });

  const stray: [string, (reply: Uint8Array) => Promise<void>, string][] = [
    [
      'of a host that was not asked',
      async () => hear(HOSTS.other, await planOf(HOSTS.other, query(), parts.clock.nowMs())),
      'plan.unawaited',
    ],
    ['that another host sends', reply => hear(HOSTS.one, reply, 'demo-2'), 'plan.TOKEN_KEY_UNKNOWN'],
    [
      'that names another host than the one that signs it',
      async () => hear(HOSTS.one, await planOf(HOSTS.one, query(), parts.clock.nowMs(), { host: 'demo-2' })),
      'plan.MESSAGE_INVALID',
    ],
    [
      'that another host signed',
      async () =>
        hear(HOSTS.one, await planOf({ ...HOSTS.one, key: HOSTS.two.key }, query(), parts.clock.nowMs())),
      'plan.TOKEN_KEY_UNKNOWN',
    ],
    [
      'to another query',
      async () => hear(HOSTS.one, await planOf(HOSTS.one, Buffer.from('x'), parts.clock.nowMs())),
      'plan.unawaited',
    ],
    ['that is rubbish', () => hear(HOSTS.one, Buffer.from('rubbish')), 'plan.MESSAGE_INVALID'],
  ];
  it.each(stray)('a plan takes no answer %s', async (_name, send, counted) => {
    const events: PlanEvent[] = [];
    for await (const event of make({ waitMs: 100 })) {
      events.push(event);
      if (events.length === 1) await send(await planOf(HOSTS.one, query(), parts.clock.nowMs()));
    }
    expect(events.at(-1)?.answered).toBe(0);
    expect(parts.counters.all()[counted]).toBe(1);
  });

  it('a plan takes the first answer of a host', async () => {
    const later = { ...HOSTS.one, says: { effect: 'read' as const } };
    const { events } = await answered([HOSTS.one, later, HOSTS.two]);
    const plan = planCodec.decode(events.at(-1)!.plan!.plan);
    expect(plan.replies.map(({ reply }) => planReplyCodec.decode(reply).effect)).toEqual(['call', 'call']);
  });

  it('a plan is of the program as hosts would get it, with what it uses of the prelude', async () => {
    const prelude = new Prelude('#define A 1\n');
    parts = { ...parts, prelude } as unknown as ControllerParts;
    const { id } = await answered([HOSTS.one, HOSTS.two], { program: 'f(A)' });
    const plan = planCodec.decode((await findPlan(parts, { id })).plan);
    expect(planQueryCodec.decode(plan.query).program).toBe('#define A 1\nf(A)');
    const request = await requestBy(parts, 'alice', { ...DRAFT, program: 'f(A)', planId: id });
    expect(await parts.requests.find(request)).toBeDefined();
  });

  it('a plan is given up when the requester goes away, and nothing is stored', async () => {
    const gone = new AbortController();
    const events: PlanEvent[] = [];
    for await (const event of make({}, gone.signal)) {
      events.push(event);
      gone.abort();
    }
    expect(events).toHaveLength(1);
    expect(await parts.audit.page({ kind: 'plan-made', afterSeq: 0, limit: 5 })).toEqual([]);
    expect(parts.hostQueries.countOpen('plan')).toBe(0);
  });

  it('a plan is refused while eight others are being made', async () => {
    const running = Array.from({ length: 8 }, () => make());
    for (const each of running) await each.next();
    expect(await codeOf(make().next())).toBe('RATE_LIMITED');
    await running[0]!.return(undefined);
    await expect(make().next()).resolves.toMatchObject({ value: { asked: 2 } });
  });

  it.each<[string, Partial<PlanDraft>, string]>([
    ['no host matches', { selector: 'env=none' }, 'NOT_FOUND'],
    ['a host to ask is none of them', { hosts: ['prod-1'] }, 'NOT_FOUND'],
    ['the trust bundle does not know the policy', { policy: 'emergency' }, 'TRUST_INVALID'],
    ['the selector cannot be read', { selector: 'a=b,' }, 'SELECTOR_INVALID'],
  ])('a plan is not made where %s', async (_name, draft, code) => {
    expect(await codeOf(make(draft).next())).toBe(code);
  });

  it('a plan is not made while the broker is away', async () => {
    parts.bus.isAway = true;
    expect(await codeOf(make().next())).toBe('UNREACHABLE');
    expect(parts.hostQueries.countOpen('plan')).toBe(0);
  });

  describe('of a request', () => {
    it('a plan of a request is named in the bytes that approvers sign', async () => {
      const { id, events } = await answered([HOSTS.one, HOSTS.two]);
      const request = await requestBy(parts, 'alice', { ...DRAFT, planId: id });
      const record = await parts.requests.find(request);
      const { planDigest } = callRequestCodec.decode(record!.bytes);
      expect(Buffer.from(planDigest!).equals(sha256(events.at(-1)!.plan!.plan))).toBe(true);
    });

    it.each([
      ['program', { program: 'g()' }],
      ['selector', { selector: '*' }],
      ['effect', { effect: 'write' as const }],
      ['timeoutMs', { timeoutMs: 1 }],
    ])('a plan of a request is of the same %s', async (member, other) => {
      const { id } = await answered([HOSTS.one, HOSTS.two]);
      await expect(requestBy(parts, 'alice', { ...DRAFT, ...other, planId: id })).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining(`another ${member}`),
      });
    });

    it('a plan of a request is the requester’s own', async () => {
      const { id } = await answered([HOSTS.one, HOSTS.two]);
      expect(await codeOf(requestBy(parts, 'carol', { ...DRAFT, planId: id }))).toBe('NOT_FOUND');
      expect(await codeOf(requestBy(parts, 'alice', { ...DRAFT, planId: 'none0' }))).toBe('NOT_FOUND');
    });
  });
});
