import { FarcallError } from '../../shared/errors/index.ts';
import { PLAN_HOSTS_LIMIT, type PlanDraft, type PlanKernel } from '../../shared/messages/index.ts';
import type { KnownHost } from '../requests/index.ts';

/**
 * The kernel builds among `hosts`, the most frequent first, and of each the hosts to ask: as many as the
 * draft says, those heard of last, since they are most likely to answer; or those that it names. Where there
 * are more builds than hosts may be asked, the rarest are asked nothing, which the plan shows. Throws
 * NOT_FOUND for a name that is not among `hosts`.
 */
export function sampleHosts(
  hosts: readonly KnownHost[],
  { perKernel, hosts: named }: Pick<PlanDraft, 'perKernel' | 'hosts'>,
): PlanKernel[] {
  refuseStrangers(hosts, named);
  const builds = [...Map.groupBy(hosts, buildOf).values()].sort(
    (one, other) => other.length - one.length || compare(buildOf(one[0]!), buildOf(other[0]!)),
  );
  const asked = named.length > 0 ? new Set(named) : newestOf(builds, perKernel);
  return builds.map(build => {
    const { kernelRelease: release, kernelVersion: version = '', arch } = build[0]!.facts;
    const names = build.map(({ record }) => record.host);
    return {
      release,
      version,
      arch,
      hosts: build.length,
      asked: names.filter(name => asked.has(name)).sort(compare),
    };
  });
}

function refuseStrangers(hosts: readonly KnownHost[], named: readonly string[]): void {
  const known = new Set(hosts.map(({ record }) => record.host));
  const stranger = named.find(name => !known.has(name));
  if (stranger !== undefined)
    throw new FarcallError(
      'NOT_FOUND',
      `${stranger} is none of the ${known.size} hosts that the selector means`,
    );
}

/** One of each build before a second of any. */
function newestOf(builds: readonly (readonly KnownHost[])[], perKernel: number): ReadonlySet<string> {
  const ranked = builds.map(build =>
    [...build].sort(
      ({ record: one }, { record: other }) =>
        other.lastSeenMs - one.lastSeenMs || compare(one.host, other.host),
    ),
  );
  const asked = new Set<string>();
  for (let round = 0; round < perKernel; round++) {
    for (const build of ranked) {
      const host = build[round];
      if (host && asked.size < PLAN_HOSTS_LIMIT) asked.add(host.record.host);
    }
  }
  return asked;
}

function buildOf({ facts: { kernelRelease, kernelVersion = '', arch } }: KnownHost): string {
  return JSON.stringify([kernelRelease, kernelVersion, arch]);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
