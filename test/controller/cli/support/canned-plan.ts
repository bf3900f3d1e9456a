import { releasedLibraryOf } from '../../../../controller/cli/interaction/index.ts';
import {
  type Plan,
  type PlanKernel,
  type PlanReply,
  type PlanView,
  planCodec,
  planQueryCodec,
  signedPlanReplyCodec,
} from '../../../../shared/messages/index.ts';
import { hostNamesDigest } from '../../../../shared/targets/index.ts';
import { hostOf, START_MS } from '../../../kit/cast.ts';
import { planOf } from '../../../kit/host-statements.ts';

/** What else a plan of the tests says. */
export interface PlanMembers {
  readonly queryFor?: Uint8Array;
  readonly signing?: Plan['signing'];
  readonly program?: string;
  readonly library?: string | undefined;
  readonly selector?: string;
  readonly effect?: 'read' | 'call';
}

/** Hosts of one kernel, of which some were asked. */
export const planKernel = (
  release: string,
  hosts: number,
  asked: string[],
  version = '#1 SMP',
): PlanKernel => ({
  ...{ release, version, arch: 'x86_64', hosts, asked },
});

/** What of the released library `program` uses; undefined if nothing. */
function libraryFor(program: string): string | undefined {
  const { library } = releasedLibraryOf(program);
  return library;
}

/** A plan of `_printk("hello\\n")` on these kernels, with what their hosts say. */
export async function planView(
  kernels: PlanKernel[],
  says: Readonly<Record<string, Partial<PlanReply>>>,
  {
    queryFor,
    signing,
    program = '_printk("hello\\n")',
    selector = 'env=prod,!canary',
    effect = 'call',
    library = libraryFor(program),
  }: PlanMembers = {},
): Promise<PlanView> {
  const query = planQueryCodec.encode({
    ...{ protocol: 1, id: '7k2m9x4qw8rt', requester: 'alice', program, effect },
    ...{ policy: 'standard', timeoutMs: 30_000, createdAtMs: START_MS },
    hosts: kernels.flatMap(({ asked }) => asked),
    ...(library !== undefined && { library }),
  });
  const replies = await Promise.all(
    Object.entries(says).map(async ([name, overrides]) =>
      signedPlanReplyCodec.decode(await planOf(hostOf(name), queryFor ?? query, START_MS, overrides)),
    ),
  );
  const expectedHosts = kernels.reduce((sum, { hosts }) => sum + hosts, 0);
  const plan = planCodec.encode({
    ...{ query, selector, expectedHosts, kernels, replies },
    expectedHostsDigest: hostNamesDigest(['x']),
    relabelled: [],
    ...(signing && { signing }),
  });
  return { id: '7k2m9x4qw8rt', plan, madeBy: 'alice', madeAtMs: START_MS };
}
