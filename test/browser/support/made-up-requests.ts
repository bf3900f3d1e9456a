import { createHash } from 'node:crypto';
import type {
  HostJson,
  PlanJson,
  PlanReplyJson,
  RequestJson,
  RequestStatusJson,
} from '../../../controller/views/index.ts';
import {
  type CallRequest,
  callRequestCodec,
  PROTOCOL_VERSION,
  type WaveView,
} from '../../../shared/messages/index.ts';
import { FAILING_OUTCOMES } from '../../../shared/outcome/index.ts';
import { SITE } from '../../kit/cast.ts';
import { byKernel, selected } from './made-up-fleet.ts';

const sha256 = (bytes: string | Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

const PROGRAM = `// CVE-2026-1234: wake the writers that a lost wake-up left hanging
struct task_struct *t = find_task(4242);
require(t->__state & 2);                      // it still hangs
for_each_task (p) if (p->__state & 2 && p->mm) report(p->pid, p->comm);
wake_up_process(t)`;

const WAVES = [
  { size: 'rest', selector: 'env=canary', bakeMs: 0, manual: true },
  { size: '10%', bakeMs: 300_000, manual: false },
  { size: 'rest', bakeMs: 0, manual: false },
];

const GATE = {
  maxFailedHosts: 20,
  maxFailedPermille: 10,
  failing: [...FAILING_OUTCOMES],
  health: true,
  notApplicableOk: false,
};

/** An invented digest, which the made-up plan has and the request names. */
export const PLAN_DIGEST = sha256('made up');

/** A request with real bytes, as the controller makes them, and an invented status. */
function request(
  hosts: readonly HostJson[],
  members: Partial<CallRequest> & Pick<CallRequest, 'id'>,
  status: Partial<RequestStatusJson>,
): RequestJson {
  const nowMs = Date.now();
  const whole: CallRequest = {
    ...{
      site: SITE,
      protocol: PROTOCOL_VERSION,
      requester: 'alice',
      program: 'f()',
      selector: 'role=db',
      reason: 'because',
    },
    ...{ policy: 'standard', effect: 'call', timeoutMs: 30_000 },
    ...{ createdAtMs: nowMs - 600_000, expiresAtMs: nowMs + 3_600_000 },
    ...members,
  };
  const names = sha256('names');
  const matching = selected(hosts, whole.selector);
  const expectedHosts = matching.length;
  const bytes = callRequestCodec.encode({ ...whole, expectedHosts, expectedHostsDigest: names });
  const { planDigest, expectedHostsDigest: _names, ...plain } = whole;
  return {
    ...{ ...plain, expectedHosts, expectedHostsDigest: names.toString('hex') },
    ...(planDigest && { planDigest: Buffer.from(planDigest).toString('hex') }),
    digest: sha256(bytes).toString('hex'),
    bytes: Buffer.from(bytes).toString('base64'),
    status: {
      ...{
        state: 'pending',
        approvers: [],
        threshold: 2,
        kernels: byKernel(matching),
        outcomes: [],
        decisions: [],
        emptySeats: [],
        limited: [],
      },
      ...{ expectedHosts, ...status },
    },
  };
}

/** The members of a reply that differ from kernel to kernel. */
type ReplyPart = Pick<
  PlanReplyJson,
  'refusals' | 'callees' | 'steps' | 'error' | 'effect' | 'ending' | 'module'
>;

function decision(approver: string, alg: 'WebAuthn' | 'EdDSA', minutesAgo: number, reason = '') {
  const header = Buffer.from(JSON.stringify({ alg, typ: 'farcall-approval+jwt' })).toString('base64url');
  const atMs = Date.now() - minutesAgo * 60_000;
  return {
    approver,
    decision: 'approve',
    reason,
    atMs,
    withdrawn: false,
    token: `${header}.e30.${approver}`,
  } as const;
}

const wave = (number: number, hosts: number): WaveView => ({
  ...{ number, hosts, state: 'pending', outcomes: [], failed: 0, unhealthy: 0 },
});

const ROLLOUT = { waves: WAVES, gate: GATE, answerWithinMs: 90_000 };

/** One request for each state that has a look of its own. */
export function madeUpRequests(hosts: readonly HostJson[]): RequestJson[] {
  return [pendingRequest(hosts), bakingRequest(hosts), stoppedRequest(hosts)];
}

function pendingRequest(hosts: readonly HostJson[]): RequestJson {
  const waves = [wave(1, 900), wave(2, 900), wave(3, 7200)];
  return request(
    hosts,
    {
      ...{ id: 'k7q2m9x4qw8r', program: PROGRAM, rollout: ROLLOUT, planDigest: PLAN_DIGEST },
      selector: 'env=prod',
      reason: 'CVE-2026-1234: writers hang since the lost wake-up of 02:10',
    },
    {
      approvers: ['carol'],
      decisions: [decision('carol', 'WebAuthn', 4, 'looked at the plan, fine')],
      rollout: { state: 'waiting', attempt: 1, reason: '', waves },
    },
  );
}

function bakingRequest(hosts: readonly HostJson[]): RequestJson {
  const outcomes: RequestStatusJson['outcomes'] = [
    { outcome: 'returned', hosts: 722 },
    { outcome: 'skipped', hosts: 21 },
    { outcome: 'not-applicable', hosts: 12 },
    { outcome: 'load-error', hosts: 6 },
    { outcome: 'faulted', hosts: 1 },
    { outcome: 'timed-out', hosts: 2 },
  ];
  const bakeUntilMs = Date.now() + 245_000;
  const baking = { ...wave(2, 764), outcomes, failed: 9, unhealthy: 1, bakeUntilMs };
  const passed = { ...wave(1, 900), outcomes: [{ outcome: 'returned' as const, hosts: 900 }] };
  return request(
    hosts,
    {
      ...{ id: 'r3w8x2m5k9pq', rollout: ROLLOUT, effect: 'write', selector: 'env=prod' },
      program: 'extern int panic_timeout;\nrequire(cmpxchg(&panic_timeout, 0, 60) == 0)',
      reason: 'reboot after a panic instead of hanging',
    },
    {
      ...{ state: 'dispatched', approvers: ['bob', 'carol'], outcomes },
      decisions: [decision('bob', 'WebAuthn', 40), decision('carol', 'EdDSA', 38)],
      rollout: {
        ...{ state: 'baking', attempt: 1, reason: '' },
        waves: [{ ...passed, state: 'passed' }, { ...baking, state: 'baking' }, wave(3, 7336)],
      },
    },
  );
}

function stoppedRequest(hosts: readonly HostJson[]): RequestJson {
  const outcomes: RequestStatusJson['outcomes'] = [
    { outcome: 'returned', hosts: 200 },
    { outcome: 'faulted', hosts: 50 },
  ];
  return request(
    hosts,
    {
      ...{ id: 'p9v4c7z2n8kt', program: 'drop_caches()', rollout: ROLLOUT },
      reason: 'the page cache of db hosts is stale',
    },
    {
      ...{ state: 'dispatched', approvers: ['bob', 'carol'], outcomes },
      rollout: {
        ...{ state: 'stopped', attempt: 1, reason: 'wave 1: 50 of 250 hosts failed, and 20 may' },
        waves: [{ ...wave(1, 250), state: 'failed', failed: 50, outcomes }],
      },
    },
  );
}

/** A plan in which kernels of three kinds reply differently. */
export function madeUpPlan(hosts: readonly HostJson[]): PlanJson {
  const kernels = byKernel(hosts).map(({ kernelRelease, arch, hosts: count, examples }) => ({
    ...{ release: kernelRelease, version: '', arch, hosts: count, asked: examples.slice(0, 1) },
  }));
  const answers: PlanReplyJson[] = kernels.map(({ release, arch, asked }) => ({
    ...{ host: asked[0]!, kernelRelease: release, kernelVersion: '', arch, depth: 'compile' as const },
    ...(release.startsWith('5.10') ? LACKING : release.startsWith('7.2') ? REFUSING : RUNNING),
    ...{ indirectCalls: [], warnings: [], droppedSteps: 0, rows: [], droppedRows: 0, madeAtMs: Date.now() },
    notes: ['memory was not read: what the program would read is unknown'],
  }));
  const kinds = Map.groupBy(kernels.entries(), ([index]) =>
    JSON.stringify([answers[index]!.refusals, !answers[index]!.error]),
  );
  return {
    ...{ id: '7k2m9x4qw8rt', digest: PLAN_DIGEST.toString('hex'), madeBy: 'alice', madeAtMs: Date.now() },
    ...{
      selector: 'env=prod',
      program: PROGRAM,
      effect: 'call',
      expectedHosts: hosts.length,
      expectedHostsDigest: sha256('names').toString('hex'),
      ...{ requester: 'alice', policy: 'standard', timeoutMs: 30_000, createdAtMs: Date.now() },
      kernels,
      answers,
    },
    hosts: answers.map(({ host }) => host),
    groups: [...kinds.values()].map(members => ({
      hosts: members.reduce((sum, [, kernel]) => sum + kernel.hosts, 0),
      kernels: members.map(([, { release, version, arch }]) => ({ release, version, arch })),
      answers: [
        { hosts: members.map(([index]) => answers[index]!.host), wouldRun: !answers[members[0]![0]]!.error },
      ],
    })),
  };
}

const RUNNING: ReplyPart = {
  refusals: [],
  effect: 'call' as const,
  callees: [{ name: 'wake_up_process', prototype: 'int wake_up_process(struct task_struct *p)' }],
  steps: [{ kind: 'call' as const, line: 5, column: 1, text: 'wake_up_process(t)' }],
  ending: { kind: 'returned', text: '?' },
  module: { sizeBytes: 2312, sha256: '21ffdbb324997a0453d7aa1c4b583a622ff05e37e93a1c292301e62b697285af' },
};
const REFUSING: ReplyPart = {
  ...RUNNING,
  refusals: [
    {
      code: 'MODULE_REFUSED' as const,
      message: 'this kernel takes signed modules only, and no key of ours is in it',
    },
  ],
};
const LACKING: ReplyPart = {
  error: {
    outcome: 'not-applicable' as const,
    code: 'SYMBOL_UNKNOWN' as const,
    message: "line 2, column 25: this kernel has no function 'find_task'",
  },
  ...{ refusals: [], callees: [], steps: [] },
};
