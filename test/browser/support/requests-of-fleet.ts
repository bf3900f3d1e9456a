import { publishOrders } from '../../../controller/dispatch/index.ts';
import { receiveResult } from '../../../controller/gather/index.ts';
import { makePlan } from '../../../controller/plan/index.ts';
import { advanceRequest } from '../../../controller/service/index.ts';
import {
  type CallResult,
  callRequestCodec,
  callResultCodec,
  type OrderEnvelope,
  orderEnvelopeCodec,
  type Rollout,
  resultEnvelopeCodec,
  typedValue,
} from '../../../shared/messages/index.ts';
import { gateOf } from '../../../shared/rollout/index.ts';
import { act, approvalBy, approve, DRAFT, requestBy } from '../../kit/controller-kit.ts';
import { resultFor, signStatement } from '../../kit/host-statements.ts';
import type { FleetHost } from './fleet-of-hosts.ts';
import type { RealConsole } from './real-console.ts';

/** Ids of one request for each state that has a look of its own. */
export interface FleetRequests {
  /** Approved by carol, not by bob. */
  readonly pending: string;
  /** Its second wave is being watched. */
  readonly baking: string;
  readonly stopped: string;
  readonly awaiting: string;
  /** Over; one of its hosts failed. */
  readonly finished: string;
}

const PROGRAM = `// CVE-2026-1234: wake the writers that a lost wake-up left hanging
struct task_struct *t = get_task();
require(t->__state & 2);                      // it still hangs
wake_up_process(t)`;

const ROLLOUT: Rollout = {
  waves: [
    { size: 'rest', selector: 'role=db', bakeMs: 0, manual: true },
    { size: '10%', bakeMs: 300_000, manual: false },
    { size: 'rest', bakeMs: 0, manual: false },
  ],
  gate: gateOf({ maxFailedHosts: 3 }),
  answerWithinMs: 90_000,
};

/** Brings a request into each state, by what people and hosts do. */
export async function requestsOf(site: RealConsole): Promise<FleetRequests> {
  const { parts } = site;
  const prod = { ...DRAFT, selector: 'env=prod', program: PROGRAM };
  const finished = await approved(site, { ...DRAFT, selector: 'role=cache', reason: 'how many hang now?' });
  await answer(site, finished, 1, at => (at === 2 ? FAULTED : { ...RETURNED, rows: tasksOf(at) }));
  const awaiting = await approved(site, {
    ...prod,
    rollout: ROLLOUT,
    reason: 'wake the writers of db first',
  });
  await answer(site, awaiting, 1, () => RETURNED);
  const stopped = await approved(site, {
    ...{ ...prod, rollout: ROLLOUT, program: 'wake_up_process(get_task())' },
    reason: 'the page cache of db hosts is stale',
  });
  await answer(site, stopped, 1, at => (at % 4 === 3 ? FAULTED : RETURNED));
  const baking = await approved(site, {
    ...{ ...prod, rollout: ROLLOUT, effect: 'write' },
    program: 'struct task_struct *t = get_task();\nt->__state = 0',
    reason: 'reboot after a panic instead of hanging',
  });
  await answer(site, baking, 1, () => RETURNED);
  await act(parts, 'carol', { id: baking, action: 'promote', wave: 1, reason: 'looks good' });
  await goOn(site, baking);
  await answer(site, baking, 2, at => [RETURNED, SKIPPED, UNSIGNED][at % 5] ?? RETURNED);
  const planId = await planFor(site, { ...prod, rollout: ROLLOUT });
  const reason = 'CVE-2026-1234: writers hang since the lost wake-up of 02:10';
  const pending = await requestBy(parts, 'alice', { ...prod, rollout: ROLLOUT, planId, reason });
  await approve(parts, 'carol', { id: pending, token: await approvalBy(parts, 'carol', pending) });
  return { pending, baking, stopped, awaiting, finished };
}

type Draft = Parameters<typeof requestBy>[2];

async function approved(site: RealConsole, draft: Draft): Promise<string> {
  const { parts } = site;
  const id = await requestBy(parts, 'alice', draft);
  for (const person of ['bob', 'carol'] as const)
    await approve(parts, person, { id, token: await approvalBy(parts, person, id) });
  await goOn(site, id);
  return id;
}

/** What the service does by itself, until nothing changes. */
async function goOn({ parts }: RealConsole, id: string): Promise<void> {
  await advanceRequest(parts, id);
  await parts.drive(id);
  await publishOrders(parts);
}

async function planFor({ parts }: RealConsole, draft: Draft): Promise<string> {
  const { program, selector, effect = 'call', policy, timeoutMs } = draft;
  const asked = { program, selector, effect, policy, timeoutMs, perKernel: 1, hosts: [], waitMs: 60_000 };
  const { signal } = new AbortController();
  let planId = '';
  for await (const { plan } of makePlan(parts, asked, { requester: 'alice', signal }))
    planId = plan?.id ?? '';
  return planId;
}

/** How a host ends, by its number within the wave. */
type Ending = Partial<CallResult>;

const VALUE = typedValue({
  type: 'struct path',
  kind: 'struct',
  members: [
    { name: 'mnt', type: 'struct vfsmount *', kind: 'pointer', address: '0xffff888100a0b2e0' },
    {
      ...{ name: 'dentry', type: 'struct dentry *', kind: 'pointer' },
      ...{ address: '0xffffffff8f01', symbol: 'init_task+0x10' },
    },
    { name: 'name', type: 'char [16]', kind: 'string', string: 'systemd' },
    {
      ...{ name: 'last', type: 'struct result', kind: 'struct' },
      members: [{ name: 'error', type: 'int', kind: 'int', integer: '-22', errnoName: '-EINVAL' }],
    },
  ],
});

/** Tasks that a host reports: their number, name and age. */
function tasksOf(at: number): NonNullable<Ending['rows']> {
  const int = (integer: number) =>
    typedValue({ type: 'int', kind: 'int', integer: String(integer), signed: true });
  const name = (string: string) => typedValue({ type: 'char[16]', kind: 'string', string });
  return ['systemd', 'nfsd', 'kworker/0:1'].map((comm, index) => ({
    columns: ['t->pid', 't->comm', 'age'],
    values: [int(index + 1), name(comm), int(100 * index + at)],
  }));
}

const RETURNED: Ending = {
  value: VALUE,
  kernelLog: [
    'farcall_1b7061d94d28e595_1: loading out-of-tree module taints kernel.',
    'farcall_1b7061d94d28e595_1: module verification failed: signature and/or required key missing - tainting kernel',
    'Hello, world 1234',
  ],
};

const FAULTED: Ending = {
  ...{ outcome: 'faulted', value: undefined },
  error: {
    code: 'CALL_FAULTED',
    message: 'line 3, column 9: bad address 0x10\n    require(t->__state & 2);\n            ^',
  },
};

const SKIPPED: Ending = {
  ...{ outcome: 'skipped', value: undefined },
  error: { code: 'CALL_SKIPPED', message: 'line 3, column 1: t->__state & 2 does not hold' },
};

const UNSIGNED: Ending = {
  ...{ outcome: 'load-error', value: undefined, loaderErrno: 129 },
  error: { code: 'MODULE_UNSIGNED', message: 'EKEYREJECTED: the module was not signed' },
};

/** Has every host of a wave answer, and the controller go on. */
async function answer(
  site: RealConsole,
  id: string,
  wave: number,
  endingOf: (at: number) => Ending,
): Promise<void> {
  const { parts, hosts, clock } = site;
  const order = orderOf(site, id);
  const { reports } = await parts.reports.page(id, { seq: 0, host: '' }, hosts.length + 1);
  const names = reports.filter(report => report.wave === wave).map(({ host }) => host);
  await Promise.all(
    names.map(async (name, at) => {
      const host = hosts.find(({ identity }) => identity.name === name)!;
      const kernelRelease = host.facts.kernelRelease!;
      const said = resultFor(name, order, { kernelRelease, finishedAtMs: clock.nowMs(), ...endingOf(at) });
      await receiveResult(parts, { host: name, bytes: await resultBytes(site, host, said) });
    }),
  );
  await goOn(site, id);
}

async function resultBytes(
  { clock }: RealConsole,
  { identity }: FleetHost,
  said: CallResult,
): Promise<Uint8Array> {
  const result = callResultCodec.encode(said);
  const signature = await signStatement(identity, { what: 'result', bytes: result, nowMs: clock.nowMs() });
  return resultEnvelopeCodec.encode({ result, signature });
}

/** The newest order of a request that went to the broker. */
function orderOf({ parts }: RealConsole, id: string): OrderEnvelope {
  for (const { bytes } of parts.bus.published.toReversed()) {
    try {
      const order = orderEnvelopeCodec.decode(bytes);
      if (callRequestCodec.decode(order.request).id === id) return order;
    } catch {
      // Another kind of message.
    }
  }
  throw new Error(`request ${id} was not ordered`);
}
