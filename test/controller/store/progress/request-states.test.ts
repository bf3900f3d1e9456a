import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decisionsRevision,
  nextState,
  type RequestTransition,
  TRANSITIONS,
} from '../../../../controller/store/index.ts';
import { FINAL_STATES, REQUEST_STATES, type RequestState } from '../../../../shared/messages/index.ts';
import { sha256, tokenDigest } from '../../../../shared/tokens/index.ts';
import { BUNDLE, KEYS } from '../../../kit/cast.ts';
import {
  approvalBy,
  type ControllerParts,
  commitOne,
  DRAFT,
  introduce,
  requestBy,
} from '../../../kit/controller-kit.ts';
import { ENGINES, newParts } from '../../../kit/engines.ts';
import { storyFindingsAt } from '../../auditor/support/audited-store.ts';

const EVENTS = Object.keys(TRANSITIONS) as RequestTransition[];

test('nothing but a retry leads out of a final state, and every state can be reached', () => {
  for (const state of FINAL_STATES)
    for (const event of EVENTS.filter(each => each !== 'retry'))
      expect(nextState(state, event)).toBeUndefined();
  const reached = new Set<RequestState>(['pending']);
  for (let size = 0; size !== reached.size; ) {
    size = reached.size;
    for (const state of [...reached]) {
      for (const event of EVENTS) {
        const next = nextState(state, event);
        if (next) reached.add(next);
      }
    }
  }
  expect([...reached].sort()).toEqual([...REQUEST_STATES].sort());
});

test('from every state that is not final a request can be stopped or come to its end', () => {
  for (const state of REQUEST_STATES.filter(each => !FINAL_STATES.includes(each)))
    expect(nextState(state, 'abort') ?? nextState(state, 'settled')).toBeDefined();
});

/** What a request ought to be like, in few words. */
interface Model {
  state: RequestState;
  /** Standing decisions by person. */
  decisions: Map<string, { decision: 'approve' | 'reject'; token: string }>;
  settled: Set<string>;
}

type Person = 'alice' | 'bob' | 'carol';
type Step =
  | { readonly kind: 'approve' | 'reject' | 'withdraw'; readonly by: Person }
  | { readonly kind: 'enough' | 'order' | 'abort' | 'expire' | 'silence' }
  | { readonly kind: 'result'; readonly host: string };

const person = fc.constantFrom<Person>('alice', 'bob', 'carol');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('approve', 'reject', 'withdraw'), by: person }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('enough', 'order') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('abort', 'expire', 'silence') }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('result'), host: fc.constantFrom('demo-1', 'demo-2') }),
  },
) as fc.Arbitrary<Step>;

describe.each(ENGINES)('a store on $name', engine => {
  const stores = engine.use();

  test('a store agrees with a model, whatever happens in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const parts = await newParts(stores);
        await introduce(parts);
        const id = await requestBy(parts, 'alice', DRAFT);
        const model: Model = { state: 'pending', decisions: new Map(), settled: new Set() };
        for (const each of steps) {
          parts.clock.advance(1000);
          await happens(parts, id, each);
          await expectStep(parts, id, { model, step: each });
          const record = await parts.requests.find(id);
          expect(record?.state, JSON.stringify(each)).toBe(model.state);
          const outcomes = await parts.requests.outcomes(id);
          const sum = outcomes.reduce((hosts, outcome) => hosts + outcome.hosts, 0);
          expect(sum).toBe(model.settled.size);
          if (FINAL_STATES.includes(model.state)) expect(sum).toBe(record?.expectedHosts);
        }
        await parts.store.close();
        expect(await storyFindingsAt(parts.location)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

/** Does the step on the store; what it refuses is the model's to foresee. */
async function happens(parts: ControllerParts, id: string, step: Step): Promise<void> {
  const records = await parts.approvals.of(id);
  const trustVersion = BUNDLE.version;
  const tolerant = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);
  switch (step.kind) {
    case 'approve':
    case 'reject': {
      const token = await approvalBy(parts, step.by, id, { decision: step.kind });
      const content = { approver: step.by, decision: step.kind, reason: '', token, submittedBy: step.by };
      await tolerant(parts.approvals.add({ requestId: id, ...content, trustVersion }));
      return;
    }
    case 'withdraw': {
      const own = records.find(({ approver, withdrawal }) => approver === step.by && !withdrawal);
      const taken = tokenDigest(own?.token ?? '');
      const content = { approver: step.by, tokenDigest: taken, token: `by ${KEYS[step.by].kid}` };
      await tolerant(
        parts.approvals.withdraw({ requestId: id, ...content, submittedBy: step.by, trustVersion }),
      );
      return;
    }
    case 'enough':
      await parts.requests.markApproved(id, {
        approvers: [],
        trustVersion,
        revision: decisionsRevision(records),
      });
      return;
    case 'order': {
      const order = { id: `order-${id}`, requestId: id, attempt: 1, wave: 1, envelope: new Uint8Array(1) };
      const first = { kind: 'start-wave', wave: 1 } as const;
      await parts.rollouts.take({
        ...{
          requestId: id,
          step: first,
          decide: ({ state }) => (state === 'waiting' ? first : undefined),
          fence: async () => undefined,
        },
        ...{
          order: { ...order, revision: decisionsRevision(records), trustVersion },
        },
      });
      return;
    }
    case 'abort': {
      const content = { by: 'bob', reason: 'x', envelope: new Uint8Array(1), submittedBy: 'bob' };
      await tolerant(parts.aborts.add({ requestId: id, ...content, trustVersion }));
      return;
    }
    case 'expire':
      await parts.outcomes.expireRequest(id);
      return;
    case 'silence':
      if (await parts.orders.identify(`order-${id}`)) await parts.outcomes.expireSilentHosts(id);
      return;
    case 'result': {
      if (!(await parts.orders.identify(`order-${id}`))) return;
      const result = Buffer.from(step.host);
      const bytes = { result, digest: sha256(result), signature: 'signed' };
      await commitOne(parts, { requestId: id, host: step.host, attempt: 1, outcome: 'returned', ...bytes });
    }
  }
}

/** Does the same to the model. */
async function expectStep(
  parts: ControllerParts,
  id: string,
  { model, step }: { model: Model; step: Step },
): Promise<void> {
  const { state, decisions, settled } = model;
  const early = state === 'pending' || state === 'rejected' || state === 'approved';
  const ordered = state === 'dispatched' || state === 'aborting';
  const isRejected = (): boolean => [...decisions.values()].some(({ decision }) => decision === 'reject');
  const settleAll = (): void => {
    for (const host of ['demo-1', 'demo-2']) settled.add(host);
  };
  switch (step.kind) {
    case 'approve':
    case 'reject': {
      const takes = step.kind === 'approve' ? state === 'pending' || state === 'rejected' : early;
      const { length } = (await parts.approvals.of(id)).filter(({ approver }) => approver === step.by);
      if (!takes || decisions.has(step.by) || length > 8) return;
      const newest = (await parts.approvals.of(id)).some(r => r.approver === step.by && !r.withdrawal);
      if (!newest) return;
      decisions.set(step.by, { decision: step.kind, token: '' });
      if (step.kind === 'reject') model.state = 'rejected';
      return;
    }
    case 'withdraw':
      if (!early || !decisions.has(step.by)) return;
      decisions.delete(step.by);
      model.state = isRejected() ? 'rejected' : 'pending';
      return;
    case 'enough':
      if (state === 'pending') model.state = 'approved';
      return;
    case 'order':
      if (state === 'approved') model.state = 'dispatched';
      return;
    case 'abort':
      if (early) settleAll();
      if (early || state === 'dispatched') model.state = early ? 'aborted' : 'aborting';
      return;
    case 'expire':
      if (early) {
        settleAll();
        model.state = 'expired';
      }
      return;
    case 'silence':
    case 'result':
      if (!ordered) return;
      if (step.kind === 'result') settled.add(step.host);
      else settleAll();
      if (settled.size === 2) model.state = state === 'aborting' ? 'aborted' : 'finished';
  }
}
