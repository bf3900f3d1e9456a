import { createHash } from 'node:crypto';
import type { HostJson } from '../../../controller/views/index.ts';
import type { KernelGroup, KnownKernel } from '../../../shared/messages/index.ts';

/** Kernels of the made-up fleet, and the percentage of the hosts that run each. */
const KERNELS: readonly (readonly [release: string, arch: string, version: string, percent: number])[] = [
  ['6.1.0-50-amd64', 'x86_64', '#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-10-04)', 62],
  ['6.12.107+deb13-amd64', 'x86_64', '#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-10-30)', 21],
  ['7.2.13+deb14-amd64', 'x86_64', '#1 SMP PREEMPT_DYNAMIC Debian 7.2.13-1 (2026-11-02)', 9],
  ['6.12.107+deb13-arm64-16k', 'aarch64', '#1 SMP Debian 6.12.107-1 (2026-10-30)', 5],
  ['5.10.0-30-amd64', 'x86_64', '#1 SMP Debian 5.10.218-1 (2024-06-01)', 3],
];

const ROLES = ['web', 'db', 'cache', 'edge'];
const DAY_MS = 24 * 3_600_000;

/** Invented hosts, for tests that look at pages. */
export function madeUpHosts(count: number, nowMs: number): HostJson[] {
  return Array.from({ length: count }, (_, index) => {
    const role = ROLES[index % ROLES.length]!;
    const [kernelRelease, arch, kernelVersion] = kernelOf(index);
    return {
      protocol: 1 as const,
      host: `${role}-${String(index).padStart(4, '0')}`,
      labels: { env: index % 10 === 0 ? 'canary' : 'prod', role, dc: `fra${(index % 3) + 1}` },
      ownLabels: {},
      agentVersion: '0.1.0',
      ...{ kernelRelease, kernelVersion, arch, vermagic: '', publicKey: '' },
      modulesDisabled: index % 97 === 0,
      sigEnforce: index % 11 === 0,
      lockdown: index % 23 === 0 ? 'integrity' : 'none',
      secureBoot: index % 23 === 0,
      taint: index % 5 === 0 ? 0x3000 : 0,
      bootId: '3f0c5e1a-77aa-4a0e-9d1e-0b6de9f0c111',
      observedAtMs: nowMs - 8000,
      kid: createHash('sha256').update(String(index)).digest('base64url'),
      firstSeenAtMs: nowMs - 30 * DAY_MS,
      droppedMessages: 0,
      removalSigners: [],
      lastSeenAtMs: nowMs - (index % 500 === 499 ? DAY_MS / 4 : (index * 37) % 21_000),
    };
  });
}

function kernelOf(index: number) {
  let percent = (index * 37) % 100;
  for (const kernel of KERNELS) {
    if (percent < kernel[3]) return kernel;
    percent -= kernel[3];
  }
  return KERNELS[0]!;
}

/** The hosts of a selector that has only `name=value`. Throws where it has anything else. */
export function selected(hosts: readonly HostJson[], selector: string): readonly HostJson[] {
  if (selector === '' || selector === '*') return hosts;
  const wrong = /[^\w=,.@-]/.exec(selector);
  if (wrong) throw new Error(`column ${wrong.index + 1}: '${wrong[0]}' is not expected here`);
  const wanted = selector.split(',').map(part => part.split('='));
  return hosts.filter(host =>
    wanted.every(([name = '', value]) =>
      name === 'host' ? host.host === value : host.labels[name] === value,
    ),
  );
}

/** How many of the hosts run each kernel. */
export function byKernel(hosts: readonly HostJson[]): KernelGroup[] {
  const groups = Map.groupBy(hosts, ({ kernelRelease, arch }) => `${kernelRelease} ${arch}`);
  return [...groups.values()]
    .map(same => ({
      kernelRelease: same[0]!.kernelRelease,
      arch: same[0]!.arch,
      hosts: same.length,
      examples: same.slice(0, 3).map(({ host }) => host),
    }))
    .sort((one, other) => other.hosts - one.hosts);
}

/** The kernels of the hosts. The types of the oldest one are not known. */
export function madeUpKernels(hosts: readonly HostJson[]): KnownKernel[] {
  return KERNELS.map(([release, arch, version]) => ({
    ...{ release, arch, version, known: release !== '5.10.0-30-amd64', functions: 60_000 },
    hosts: hosts.filter(({ kernelRelease }) => kernelRelease === release).length,
  }));
}
