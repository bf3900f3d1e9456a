import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { planQueries } from '../../../agent/plan/index.ts';
import { encodeReply } from '../../../agent/plan/make-reply.ts';
import { answerQuery, type QueryContext, queryQueue } from '../../../agent/queries/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  PLAN_REPLY_LIMIT_BYTES,
  type PlanQuery,
  type PlanReply,
  PROTOCOL_VERSION,
  planEnvelopeCodec,
  planQueryCodec,
  planReplyCodec,
  type SignedPlanReply,
  signedPlanReplyCodec,
} from '../../../shared/messages/index.ts';
import { digestText, publicKeyOf, sha256, type TokenContent } from '../../../shared/tokens/index.ts';
import { claimsIn, KEYS, type Member, tokenOf } from '../../kit/cast.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { type ContextChanges, orderContext } from '../support/order-context.ts';
import { KERNEL_FACTS } from '../support/stand-in-stages.ts';

const NOW_MS = 1_790_000_000_000;
const kit = orderKit(NOW_MS);

async function answerPlan(bytes: Uint8Array, context: QueryContext): Promise<SignedPlanReply> {
  const signed = await answerQuery(bytes, planQueries(context), { context, mayReply: () => true });
  return signedPlanReplyCodec.decode(signed);
}

interface Asking {
  readonly query?: Partial<PlanQuery>;
  readonly by?: Member;
  readonly token?: Partial<TokenContent<'plan'>>;
}

async function envelope({ query = {}, by = 'ctl-1', token = {} }: Asking = {}): Promise<Uint8Array> {
  const bytes = planQueryCodec.encode({
    protocol: PROTOCOL_VERSION,
    id: 'plan0001',
    requester: 'alice',
    program: 'f(1)',
    effect: 'call',
    policy: 'standard',
    timeoutMs: 1000,
    createdAtMs: NOW_MS,
    hosts: ['web-00', 'web-01'],
    ...query,
  });
  const iat = NOW_MS / 1000;
  const claims = { iss: by, iat, exp: iat + 60, sha256: digestText(sha256(bytes)), ...token };
  return planEnvelopeCodec.encode({ query: bytes, token: await tokenOf('plan', claims, KEYS[by]) });
}

describe('a query for a plan', () => {
  let setUp: ReturnType<typeof orderContext>;

  beforeEach(() => {
    setUp = orderContext(kit, NOW_MS);
  });

  async function ask(asking: Asking = {}, changes?: ContextChanges): Promise<PlanReply> {
    const { agent } = changes ? orderContext(kit, NOW_MS, changes) : setUp;
    const { reply } = await answerPlan(await envelope(asking), agent);
    return planReplyCodec.decode(reply);
  }

  it('a query for a plan is answered, signed by this host, with what the program would do; nothing is loaded', async () => {
    const bytes = await envelope();
    const { reply, signature } = await answerPlan(bytes, setUp.agent);
    const { key } = setUp.agent.identity;
    const keyring = new Map([[key.kid, { owner: 'web-01', key: publicKeyOf(key.publicJwk) }]]);
    const { claims } = await claimsIn('result', signature, { keyring, nowMs: NOW_MS });
    expect(claims).toMatchObject({ what: 'plan', sha256: digestText(sha256(reply)) });
    expect(planReplyCodec.decode(reply)).toMatchObject({
      host: 'web-01',
      queryDigest: Buffer.from(sha256(planEnvelopeCodec.decode(bytes).query)),
      kernelRelease: KERNEL_FACTS.kernelRelease,
      depth: 'compile',
      effect: 'call',
      callees: [{ name: '_printk', prototype: 'int _printk(const char *fmt, ...)' }],
      steps: [{ kind: 'call', text: 'f(1)' }],
      refusals: [],
      notes: ['memory was not read'],
      module: { sizeBytes: 4 },
    });
    expect(setUp.loaded).toEqual([]);
  });

  it.each<[string, Asking, string]>([
    ['by nobody that this host knows', { by: 'mallory' }, 'TOKEN_KEY_UNKNOWN'],
    ['by somebody who may only ask', { by: 'alice' }, 'TOKEN_KEY_UNKNOWN'],
    ['for other bytes', { token: { sha256: digestText(sha256(Buffer.from('x'))) } }, 'TOKEN_CLAIMS'],
    ['for other hosts', { query: { hosts: ['web-02'] } }, 'NOT_SELECTED'],
    ['that is old', { token: { iat: NOW_MS / 1000 - 200, exp: NOW_MS / 1000 - 100 } }, 'TOKEN_EXPIRED'],
    ['that lives for long', { token: { exp: NOW_MS / 1000 + 3600 } }, 'TOKEN_CLAIMS'],
  ])('%s is not answered', async (_name, asking, code) => {
    await expect(ask(asking)).rejects.toMatchObject({ code });
  });

  it("a query for a plan is not an order, and neither's token counts for the other", async () => {
    const { query } = planEnvelopeCodec.decode(await envelope());
    const { approvals } = await kit.order().then(({ requestBytes }) => ({ approvals: requestBytes }));
    const token = await kit.approval('bob', approvals);
    const bytes = planEnvelopeCodec.encode({ query, token });
    await expect(answerPlan(bytes, setUp.agent)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' });
  });

  it('a query for a plan says what the policy would refuse, each rule', async () => {
    const policy = { effects: ['read'] as ['read'], functions: { allow: ['*'], deny: ['_pr*'] } };
    const { refusals } = await ask({}, { policy });
    expect(refusals).toEqual([
      { code: 'POLICY_REFUSED', message: expect.stringContaining('a call is not allowed on this host') },
      { code: 'POLICY_REFUSED', message: expect.stringContaining("_printk is denied by '_pr*'") },
    ]);
  });

  it('a query for a plan says what the kernel would refuse, and not what the program is declared to be', async () => {
    const stages = { facts: () => ({ ...KERNEL_FACTS, sigEnforce: true }) };
    const byPolicy = {
      code: 'POLICY_REFUSED',
      message: expect.stringContaining('but the request declares read'),
    };
    const unsigned = { stages, policy: { moduleSigning: 'none' as const } };
    expect((await ask({ query: { effect: 'read' } }, unsigned)).refusals).toEqual([
      byPolicy,
      { code: 'MODULE_REFUSED', message: expect.stringContaining('takes only signed modules') },
    ]);
    expect((await ask({ query: { effect: 'read' } }, { stages })).refusals).toEqual([byPolicy]);
  });

  it('a query for a plan warns of a watch that the timeout of its call would end', async () => {
    const watch = (forMs: number) => ({
      ...{ name: 'schedule', module: undefined, forMs, until: 1, atMost: 100, text: `for ${forMs}` },
      ...{ line: 2, column: 3 },
    });
    const watching = { compile: () => ({ watches: [watch(999), watch(1000)] }) };
    const { warnings } = await ask({ query: { timeoutMs: 1000 } }, { stages: watching });
    expect(warnings).toEqual([
      { line: 2, column: 3, message: expect.stringContaining('waits up to 1000 ms') },
    ]);
  });

  it.each([
    ['an unknown name', 'unknown name', 'not-applicable', 'SYMBOL_UNKNOWN'],
    ['what is no C', 'syntax error', 'compile-error', 'PROGRAM_SYNTAX'],
  ])('a query for a plan tells of %s', async (_name, program, outcome, code) => {
    expect((await ask({ query: { program } })).error).toMatchObject({ outcome, code });
  });

  it('a query for a plan tells of a program that is too large for this host, without compiling it', async () => {
    const compile = () => {
      throw new Error('it was compiled');
    };
    const changes = { policy: { largestProgramBytes: 3 }, stages: { compile } };
    expect((await ask({}, changes)).error).toMatchObject({ outcome: 'refused', code: 'POLICY_REFUSED' });
  });

  it('a query for a plan reads memory where the policy says so, and says nothing where it forbids plans', async () => {
    const reading = await ask({}, { policy: { plan: 'read' } });
    expect([reading.depth, reading.notes]).toEqual(['read', ['memory was read']]);
    const none = await ask({}, { policy: { plan: 'none' } });
    expect(none).toMatchObject({ depth: 'none', callees: [], refusals: [{ code: 'POLICY_REFUSED' }] });
    expect(none.error).toBeUndefined();
  });

  it('a query for a plan shows symbols instead of addresses, as long as nobody approved the program', async () => {
    const text = '*(int *)0xffffffff82a3c0e0 /* panic_timeout+0x4 */: ? → (int)7';
    const mayCall = { module: () => false, function: () => false };
    const options = { moduleName: 'm', timeoutMs: 1, reads: false, mayCall };
    const plan = async (program: string) => ({
      ...(await setUp.agent.stages.plan(program, options)),
      steps: [{ kind: 'write' as const, line: 1, column: 1, text, source: '' }],
    });
    const stages = { plan };
    const [compiled, read] = [await ask({}, { stages }), await ask({}, { stages, policy: { plan: 'read' } })];
    expect(compiled.steps[0]?.text).toBe('*(int *)&panic_timeout+0x4: ? → (int)7');
    expect(read.steps[0]?.text).toBe(text);
  });

  it('a query for a plan has a reply with space for all it may say, and counts what is dropped', async () => {
    const reply = await ask();
    const step = { kind: 'call', line: 1, column: 1, text: 'x'.repeat(1000) } as const;
    const rows = Array.from({ length: 60 }, () => 'r'.repeat(1000));
    const big = { ...reply, steps: Array.from({ length: 200 }, () => step), rows, droppedRows: 3 };
    const bytes = encodeReply(big);
    expect(bytes.length).toBeLessThanOrEqual(PLAN_REPLY_LIMIT_BYTES);
    const fitted = planReplyCodec.decode(bytes);
    expect(fitted.steps.length + fitted.droppedSteps).toBe(200);
    expect(fitted.rows.length + fitted.droppedRows).toBe(63);
    expect(fitted.steps.length).toBeGreaterThan(20);
  });

  it('a query for a plan is answered or refused by a FarcallError, whatever its bytes are', async () => {
    const good = await envelope();
    const mutated = fc
      .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map(changes => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), async bytes => {
        const answer = await answerPlan(bytes, setUp.agent).catch((error: unknown) => error);
        if (answer instanceof Error) expect(answer).toBeInstanceOf(FarcallError);
      }),
    );
  });
});

describe('the queue of queries for plans', () => {
  function queueOfPlans(changes: ContextChanges = {}) {
    const setUp = orderContext(kit, NOW_MS, changes);
    const published: PlanReply[] = [];
    const bus = {
      publish: (_topic: string, bytes: Uint8Array) => {
        published.push(planReplyCodec.decode(signedPlanReplyCodec.decode(bytes).reply));
      },
    };
    const catchUp = vi.fn(async () => undefined);
    return {
      ...setUp,
      published,
      catchUp,
      queue: queryQueue(planQueries(setUp.agent), { bus, context: setUp.agent, catchUp }),
    };
  }

  it('the queue of queries for plans answers one query after the other, and turns away more than can wait', async () => {
    let running = 0;
    const plan = async () => {
      expect(++running).toBe(1);
      await Promise.resolve();
      running--;
      throw new FarcallError('KERNEL_LACKS', 'no kernel');
    };
    const { queue: plans, published, agent } = queueOfPlans({ stages: { plan } });
    const bytes = await envelope();
    for (let index = 0; index < 20; index++) plans.take(bytes);
    await plans.idle();
    expect(published).toHaveLength(9);
    expect(agent.counters.all()).toMatchObject({ 'plan.answered': 9, 'plan.turned-away': 11 });
  });

  it('the queue of queries for plans answers thirty in a minute; rubbish counts for nothing', async () => {
    const { queue: plans, published, agent, clock } = queueOfPlans();
    const bytes = await envelope();
    for (let index = 0; index < 40; index++) {
      plans.take(Buffer.from('rubbish'));
      plans.take(bytes);
      await plans.idle();
    }
    expect(published).toHaveLength(30);
    expect(agent.counters.all()).toMatchObject({
      'plan.ignored.MESSAGE_INVALID': 40,
      'plan.ignored.RATE_LIMITED': 10,
    });
    clock.now += 60_000;
    plans.take(bytes);
    await plans.idle();
    expect(published).toHaveLength(31);
  });

  it('the queue of queries for plans fetches the newest trust bundle for a query that comes before it has one, or from a controller that it does not know', async () => {
    for (const code of ['TRUST_MISSING', 'TOKEN_KEY_UNKNOWN', 'TRUST_EXPIRED'] as const) {
      const { queue: plans, published, catchUp, agent } = queueOfPlans();
      let isBehind = true;
      const now = agent.trust.now.bind(agent.trust);
      vi.spyOn(agent.trust, 'now').mockImplementation(() => {
        if (isBehind) throw new FarcallError(code, 'behind');
        return now();
      });
      plans.take(await envelope());
      await plans.idle();
      expect(catchUp).toHaveBeenCalledTimes(1);
      expect([published, agent.counters.all()]).toEqual([[], { [`plan.ignored.${code}`]: 1 }]);
      catchUp.mockImplementation(async () => {
        isBehind = false;
        return undefined;
      });
      plans.take(await envelope());
      await plans.idle();
      expect(published).toHaveLength(1);
    }
    const { queue: plans, catchUp } = queueOfPlans();
    plans.take(Buffer.from('rubbish'));
    await plans.idle();
    expect(catchUp).not.toHaveBeenCalled();
  });

  it('the queue of queries for plans takes no queries once it is stopped', async () => {
    const { queue: plans, published } = queueOfPlans();
    plans.stop();
    plans.take(await envelope());
    await plans.idle();
    expect(published).toEqual([]);
  });
});
