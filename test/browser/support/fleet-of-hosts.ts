import type { HostFacts, PlanReply } from '../../../shared/messages/index.ts';
import { type HostIdentity, hostOf } from '../../kit/cast.ts';

/** Kernels of the fleet, and the percentage of the hosts that run each. */
export const KERNELS = [
  {
    ...{ release: '6.1.0-50-amd64', arch: 'x86_64', percent: 62 },
    version: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-10-04)',
  },
  {
    ...{ release: '6.12.107+deb13-amd64', arch: 'x86_64', percent: 21 },
    version: '#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-10-30)',
  },
  {
    ...{ release: '7.2.13+deb14-amd64', arch: 'x86_64', percent: 9 },
    version: '#1 SMP PREEMPT_DYNAMIC Debian 7.2.13-1 (2026-11-02)',
  },
  {
    ...{ release: '6.12.107+deb13-arm64-16k', arch: 'aarch64', percent: 5 },
    version: '#1 SMP Debian 6.12.107-1 (2026-10-30)',
  },
  {
    ...{ release: '5.10.0-30-amd64', arch: 'x86_64', percent: 3 },
    version: '#1 SMP Debian 5.10.218-1 (2024-06-01)',
  },
] as const;

const ROLES = ['web', 'db', 'cache', 'edge'];
const HOUR_MS = 3_600_000;

/** A host that can sign, and what it says of itself. */
export interface FleetHost {
  readonly identity: HostIdentity;
  readonly facts: Partial<HostFacts>;
}

/** So many hosts of several roles, kernels and settings: `web-0000`, `db-0001` and so on. */
export function fleetOf(count: number, nowMs: number): FleetHost[] {
  return Array.from({ length: count }, (_, index) => {
    const role = ROLES[index % ROLES.length]!;
    const { release, arch, version } = kernelOf(index);
    const labels = { env: index % 10 === 0 ? 'canary' : 'prod', role, dc: `fra${(index % 3) + 1}` };
    return {
      identity: hostOf(`${role}-${String(index).padStart(4, '0')}`, labels),
      facts: {
        ...{ kernelRelease: release, kernelVersion: version, arch, observedAtMs: nowMs },
        modulesDisabled: index % 97 === 96,
        sigEnforce: index % 11 === 0,
        lockdown: index % 23 === 0 ? 'integrity' : 'none',
        secureBoot: index % 23 === 0,
        taint: index % 5 === 0 ? 0x3000 : 0,
        policy: '{"effects":["read","call"],"functions":{"allow":["wake_up_*"],"deny":[]}}',
        credentialEndsAtMs: nowMs + (index === 4 ? HOUR_MS : 100 * HOUR_MS),
        ...(index % 4 === 1 && { probes: [probeOf(index, nowMs)] }),
        ...(index === 4 && {
          leftModules: [{ name: 'farcall_1b7061d94d28e595_1', sinceMs: nowMs - 5 * HOUR_MS }],
        }),
      },
    };
  });
}

/** What a host with a database denies; every eighth cannot read how often. */
function probeOf(index: number, nowMs: number): NonNullable<HostFacts['probes']>[number] {
  const isUnread = index % 32 === 29;
  const caller = { pid: 4000 + index, tgid: 4000 + index, uid: 1000, comm: 'exploit' };
  return {
    ...{ module: 'farcall_d_1b7061d94d28e595_1', requestId: '7k2m9x4qw8rt', function: 'alg_bind' },
    text: 'deny alg_bind with -EPERM while (current->cred->uid.val), for 7 days',
    ...{ sinceMs: nowMs - 5 * HOUR_MS, expiresAtMs: nowMs + 163 * HOUR_MS },
    ...(!isUnread && { hits: index * 3, missed: index === 1 ? 2 : 0, abandoned: 0 }),
    callers:
      index % 8 === 1
        ? [0, 1, 2].map(n => ({ ...caller, pid: caller.pid + n, atMs: nowMs - n * HOUR_MS }))
        : [],
  };
}

function kernelOf(index: number): (typeof KERNELS)[number] {
  let percent = (index * 37) % 100;
  for (const kernel of KERNELS) {
    if (percent < kernel.percent) return kernel;
    percent -= kernel.percent;
  }
  return KERNELS[0];
}

/**
 * What a host of a kernel answers to a plan: the oldest kernels lack something, the newest refuse modules.
 */
export function planReplyOf({ facts }: FleetHost): Partial<PlanReply> {
  const { kernelRelease = '', kernelVersion = '', arch = '' } = facts;
  const kernel = {
    ...{ kernelRelease, kernelVersion, arch },
    callees: [{ name: 'wake_up_process', prototype: 'int wake_up_process(struct task_struct *p)' }],
    steps: [{ kind: 'call' as const, line: 4, column: 1, text: 'wake_up_process(t)' }],
  };
  if (kernelRelease.startsWith('5.10'))
    return {
      ...kernel,
      ...{ callees: [], steps: [], effect: undefined, ending: undefined, module: undefined },
      error: {
        ...{ outcome: 'not-applicable', code: 'SYMBOL_UNKNOWN' },
        message: "line 2, column 25: this kernel has no function 'get_task'",
      },
    };
  if (!kernelRelease.startsWith('7.2')) return kernel;
  const message = 'this kernel takes signed modules only, and no key of ours is in it';
  return { ...kernel, refusals: [{ code: 'MODULE_UNSIGNED', message }] };
}
