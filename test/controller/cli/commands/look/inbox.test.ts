import { expect, it } from 'vitest';
import { EXIT } from '../../../../../controller/cli/core/index.ts';
import {
  callRequestCodec,
  type RequestState,
  type RequestView,
} from '../../../../../shared/messages/index.ts';
import { BUNDLE, START_MS } from '../../../../kit/cast.ts';
import {
  type CannedAnswers,
  farcallAgainst,
  REQUEST,
  trustReplyOf,
  VIEWS,
} from '../../support/canned-answers.ts';

const view = (id: string, requester: string, rest: Partial<RequestView> = {}): RequestView => ({
  ...VIEWS.awaiting,
  request: callRequestCodec.encode({ ...REQUEST, id, requester, rollout: undefined, reason: `why ${id}` }),
  ...{ state: 'pending', approvers: ['carol'], rollout: undefined },
  ...rest,
});

/** The requests of a controller, by id. */
const REQUESTS: Readonly<Record<string, RequestView>> = {
  open: view('open', 'alice'),
  mine: view('mine', 'bob'),
  signed: view('signed', 'alice', { approvers: ['bob'] }),
  limited: view('limited', 'alice', { limited: [{ name: 'bob', reason: 'other hosts' }] }),
  waits: view('waits', 'alice', { state: 'dispatched', rollout: VIEWS.awaiting.rollout }),
  stopped: view('stopped', 'alice', { state: 'dispatched', rollout: VIEWS.stopped.rollout }),
  runs: view('runs', 'alice', { state: 'dispatched', rollout: VIEWS.running.rollout }),
};

const summaryOf = (id: string, { state }: Pick<RequestView, 'state'>) => ({
  ...{
    id,
    digest: new Uint8Array(32),
    state,
    requester: 'alice',
    selector: '*',
    effect: 'call' as const,
    reason: 'why',
  },
  ...{
    createdAtMs: START_MS,
    expiresAtMs: START_MS,
    expectedHosts: 1,
    outcomes: [],
    rolloutState: 'waiting' as const,
  },
});

const emergency = (reviewer?: string) => ({
  ...{ begunAtMs: START_MS, dueAtMs: START_MS, reviewers: 2 },
  reviews: reviewer ? [{ reviewer, verdict: 'accept' as const, reason: 'r', atMs: START_MS }] : [],
});

const ANSWERS: CannedAnswers = {
  getTrust: async () => trustReplyOf(BUNDLE),
  async listRequests({ states = [] }) {
    const found = Object.entries(REQUESTS).filter(([, { state }]) => states.includes(state as RequestState));
    return { requests: found.map(([id, each]) => summaryOf(id, each)) };
  },
  getRequest: async ({ id }) => REQUESTS[id] as RequestView,
  listEmergencies: async () => ({
    emergencies: [
      { request: summaryOf('emer1', { state: 'finished' }), approvers: ['carol'], emergency: emergency() },
      { request: summaryOf('emer2', { state: 'finished' }), approvers: ['bob'], emergency: emergency() },
      { request: summaryOf('emer3', { state: 'finished' }), approvers: [], emergency: emergency('bob') },
    ],
  }),
  async *listHosts() {},
};

it('the inbox has what waits for its reader, and nothing that they made, signed or may not sign', async () => {
  const bob = { FARCALL_NAME: 'bob' };
  const { code, stdout } = await farcallAgainst(ANSWERS, ['inbox', '--json'], undefined, bob);
  expect(code).toBe(EXIT.ok);
  expect(JSON.parse(stdout).map(({ kind, subject }: Record<string, string>) => [kind, subject])).toEqual([
    ['approve', 'open'],
    ['promote', 'waits'],
    ['decide', 'stopped'],
    ['review', 'emer1'],
  ]);
  const text = (await farcallAgainst(ANSWERS, ['inbox'], undefined, bob)).stdout;
  expect(text).toContain('\n    farcall approve open\n');
  expect(text).toContain('\n    farcall promote waits --reason …\n');
});

it('the inbox of somebody who is no approver has only what anybody may decide', async () => {
  const { stdout } = await farcallAgainst(ANSWERS, ['inbox', '--json'], undefined, {
    FARCALL_NAME: 'mallory',
  });
  expect(JSON.parse(stdout).map(({ kind }: Record<string, string>) => kind)).toEqual(['promote', 'decide']);
});
