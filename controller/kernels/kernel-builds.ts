import type { KnownHost } from '../requests/index.ts';
import type { KernelBuild } from '../store/index.ts';

/** A kernel build of the fleet, and the hosts that have it, those heard of last first. */
export interface FleetKernel {
  readonly build: KernelBuild;
  readonly hosts: readonly KnownHost[];
}

/** One text for each build. */
export function buildKey({ release, version, arch }: KernelBuild): string {
  return JSON.stringify([release, version, arch]);
}

/** A build as people name it. */
export function buildName({ release, arch }: KernelBuild): string {
  return `${release} ${arch}`;
}

/** The kernel builds among `hosts`, the most frequent first. */
export function fleetKernels(hosts: readonly KnownHost[]): readonly FleetKernel[] {
  const groups = Map.groupBy(hosts, host => buildKey(buildOf(host)));
  return [...groups.entries()]
    .sort(([key, group], [otherKey, other]) => other.length - group.length || (key < otherKey ? -1 : 1))
    .map(([, group]) => ({
      build: buildOf(group[0]!),
      hosts: group.sort((one, other) => other.record.lastSeenMs - one.record.lastSeenMs),
    }));
}

/** The build that a host runs, by its facts. */
export function buildOf({
  facts: { kernelRelease, kernelVersion = '', arch },
}: Pick<KnownHost, 'facts'>): KernelBuild {
  return { release: kernelRelease, version: kernelVersion, arch };
}
