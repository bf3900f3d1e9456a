import { createHash } from 'node:crypto';
import type { HostJson, KernelGroup, KernelJson } from '../../../controller/console/web/api/types.ts';

/** Kernels of the made-up fleet, and which share of the hosts runs each, in percent. */
const KERNELS: readonly (readonly [release: string, arch: string, version: string, percent: number])[] = [
  ['6.1.0-50-amd64', 'x86_64', '#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-10-04)', 62],
  ['6.12.107+deb13-amd64', 'x86_64', '#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-10-30)', 21],
  ['7.2.13+deb14-amd64', 'x86_64', '#1 SMP PREEMPT_DYNAMIC Debian 7.2.13-1 (2026-11-02)', 9],
  ['6.12.107+deb13-arm64-16k', 'aarch64', '#1 SMP Debian 6.12.107-1 (2026-10-30)', 5],
  ['5.10.0-30-amd64', 'x86_64', '#1 SMP Debian 5.10.218-1 (2024-06-01)', 3],
];

const ROLES = ['web', 'db', 'cache', 'edge'];
const DAY_MS = 24 * 3_600_000;

/** Hosts that are nowhere: for pages that are looked at, not for what they mean. */
export function madeUpHosts(count: number, nowMs: number): HostJson[] {
  return Array.from({ length: count }, (_, index) => {
    const role = ROLES[index % ROLES.length]!;
    const [kernelRelease, arch, kernelVersion] = kernelOf(index);
    return {
      protocol: 1,
      host: `${role}-${String(index).padStart(4, '0')}`,
      labels: { env: index % 10 === 0 ? 'canary' : 'prod', role, dc: `fra${(index % 3) + 1}` },
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
      lastSeenAtMs: nowMs - (index % 500 === 499 ? DAY_MS / 4 : (index * 37) % 21_000),
    };
  });
}

function kernelOf(index: number) {
  let place = (index * 37) % 100;
  for (const kernel of KERNELS) {
    if (place < kernel[3]) return kernel;
    place -= kernel[3];
  }
  return KERNELS[0]!;
}

/** The hosts of a selector of `name=value` alone; throws on what it cannot read. */
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

/** How many of them run which kernel. */
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

/** The kernels of hosts, all but the oldest known. */
export function madeUpKernels(hosts: readonly HostJson[]): KernelJson[] {
  return KERNELS.map(([release, arch, version]) => ({
    ...{ release, arch, version, known: release !== '5.10.0-30-amd64' },
    hosts: hosts.filter(({ kernelRelease }) => kernelRelease === release).length,
  }));
}
