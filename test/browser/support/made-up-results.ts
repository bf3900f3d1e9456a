import { createHash } from 'node:crypto';
import type {
  HostJson,
  HostResultJson,
  ReportJson,
  RequestJson,
  TimelineEvent,
  TrustJson,
} from '../../../controller/views/index.ts';
import { typedValue } from '../../../shared/messages/index.ts';

const MINUTE_MS = 60_000;

/** A value with members of several kinds. */
const VALUE = typedValue({
  type: 'struct path',
  kind: 'struct',
  members: [
    { name: 'mnt', type: 'struct vfsmount *', kind: 'pointer', address: '0xffff888100a0b2e0' },
    {
      name: 'dentry',
      type: 'struct dentry *',
      kind: 'pointer',
      address: '0xffffffff8f01',
      symbol: 'init_task+0x10',
    },
    { name: 'name', type: 'char [16]', kind: 'string', string: 'systemd' },
    {
      ...{ name: 'last', type: 'struct result', kind: 'struct' },
      members: [{ name: 'error', type: 'int', kind: 'int', integer: '-22', errnoName: '-EINVAL' }],
    },
  ],
});

/** The result of a call on a host. Hosts whose name ends in 3 faulted. */
export function hostResult({ host, kernelRelease, arch }: HostJson): HostResultJson {
  const isFaulted = host.endsWith('3');
  const members = {
    ...{ protocol: 1 as const, host, requestDigest: '', attempt: 1, orderId: 'order-1', kernelRelease },
    kernelLog: [
      'farcall_1b7061d94d28e595_1: loading out-of-tree module taints kernel.',
      'farcall_1b7061d94d28e595_1: module verification failed: signature and/or required key missing - tainting kernel',
      'Hello, world 1234',
    ],
    timings: { verifyUs: 2100, compileUs: 210_000, spawnUs: 900, loadUs: 11_000, totalUs: 231_000 },
    finishedAtMs: Date.now(),
    moduleDigest: createHash('sha256').update(host).digest('hex'),
  };
  const fault = {
    code: 'CALL_FAULTED' as const,
    message: 'line 3, column 9: bad address 0x10\n    require(t->__state & 2);\n            ^',
  };
  const outcome = isFaulted ? 'faulted' : 'returned';
  const rows = [
    {
      values: [
        typedValue({ type: 'pid_t', kind: 'int', integer: '1' }),
        typedValue({ type: 'char [16]', kind: 'string', string: 'systemd' }),
      ],
    },
  ];
  return {
    ...{ host, wave: 1, attempt: 1, kernelRelease, arch, outcome, saidBy: 'host', lateResult: null },
    result: { ...members, outcome, ...(isFaulted ? { error: fault } : { value: VALUE, rows }) },
  };
}

/** The results of a request in groups. */
export function report(request: RequestJson): ReportJson {
  const expected = request.status.expectedHosts;
  return {
    ...{
      id: request.id,
      state: request.status.state,
      matchingHosts: expected,
      otherGroups: 0,
      otherHosts: 0,
    },
    sums: { expected, returned: expected - 400, faulted: 180, 'load-error': 120, waiting: 100 },
    groups: [
      { outcome: 'returned', value: '(int)17', hosts: expected - 400, examples: ['web-0000', 'db-0001'] },
      { outcome: 'faulted', error: 'CALL_FAULTED', hosts: 180, examples: ['edge-0003'] },
      {
        outcome: 'load-error',
        errno: 'EKEYREJECTED',
        error: 'MODULE_REFUSED',
        hosts: 120,
        examples: ['edge-0007'],
      },
      { outcome: 'waiting', hosts: 100, examples: ['db-0005'] },
    ],
  };
}

const EVENTS: readonly (readonly [kind: string, actor: string, text: string])[] = [
  ['request-created', 'alice', 'made by alice for 9,000 hosts'],
  ['approval-added', 'carol', 'approved by carol'],
  ['approval-added', 'bob', 'approved by bob'],
  ['request-approved', 'ctl-1', 'enough people approved'],
  ['wave-started', 'ctl-1', 'wave 1 begins'],
  ['hosts-answered', 'hosts', '900 hosts answered within 42 s: 900 returned'],
  ['wave-ended', 'ctl-1', 'wave 1 passed: 900 returned; 0 failed'],
  ['rollout-promoted', 'carol', 'promoted by carol after wave 1: looks good'],
  ['hosts-unhealthy', 'ctl-1', '1 host of wave 2 unhealthy afterwards'],
];

/** The timeline of a request. */
export const TIMELINE: readonly TimelineEvent[] = EVENTS.map(([kind, actor, text], index) => ({
  ...{ kind, actor, text, atMs: Date.now() - (EVENTS.length - index) * MINUTE_MS },
}));

/** A trust bundle that expires soon. */
export function trust(): TrustJson {
  const kid = (text: string): string => createHash('sha256').update(text).digest('base64url');
  const person = (name: string, roles: readonly string[], ...kinds: ('file' | 'passkey')[]) => ({
    ...{ name, roles, keys: kinds.map(kind => ({ kid: kid(name + kind), kind })) },
  });
  return {
    version: 4,
    expiresAtMs: Date.now() + 9 * 24 * 60 * MINUTE_MS,
    people: [
      person('alice', ['requester'], 'file'),
      person('bob', ['requester', 'approver'], 'passkey', 'file'),
      person('carol', ['approver'], 'passkey'),
      person('ctl-1', ['controller'], 'file'),
      person('rob', ['root'], 'file'),
    ],
    rootThreshold: 1,
    locks: [
      {
        ...{ kind: 'person', name: 'carol', reason: 'laptop was stolen' },
        ...{ lockedBy: 'bob', lockedAtMs: Date.now() - 5 * MINUTE_MS, token: 'a.lock.token' },
      },
    ],
    policies: { standard: { read: 1, call: 2, write: 2 }, emergency: { read: 1, call: 1, write: 2 } },
    teams: [{ name: 'kernel', members: ['bob', 'carol'] }],
    scopes: [{ may: 'request', person: 'alice', effects: ['read', 'call'], hosts: 'role=db' }],
  };
}
