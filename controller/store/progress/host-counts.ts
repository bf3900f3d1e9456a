import type { Kysely } from 'kysely';
import type { KernelGroup, OutcomeCount } from '../../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';
import type { Schema } from '../schema/index.ts';

/** How many hosts of a request ended in which outcome, in the order of reports. */
export async function countOutcomes(db: Kysely<Schema>, requestId: string): Promise<readonly OutcomeCount[]> {
  const rows = await db
    .selectFrom('expected_hosts')
    .select(['outcome', ({ fn }) => fn.countAll<number>().as('hosts')])
    .where('request_id', '=', requestId)
    .where('outcome', 'is not', null)
    .groupBy('outcome')
    .execute();
  const hostsByOutcome = new Map(rows.map(({ outcome, hosts }) => [outcome, hosts]));
  return OUTCOME_NAMES.map(outcome => ({ outcome, hosts: hostsByOutcome.get(outcome) ?? 0 })).filter(
    ({ hosts }) => hosts > 0,
  );
}

/**
 * The expected hosts of a request by kernel, the most frequent first, with the first `examples` names of
 * each.
 */
export async function countKernels(
  db: Kysely<Schema>,
  requestId: string,
  examples: number,
): Promise<readonly KernelGroup[]> {
  const expected = db.selectFrom('expected_hosts').where('request_id', '=', requestId);
  const groups = await expected
    .select(['kernel_release', 'arch', ({ fn }) => fn.countAll<number>().as('hosts')])
    .groupBy(['kernel_release', 'arch'])
    .orderBy('hosts', 'desc')
    .orderBy('kernel_release')
    .execute();
  const named: KernelGroup[] = [];
  for (const { kernel_release, arch, hosts } of groups) {
    const names = await expected
      .select('host')
      .where('kernel_release', '=', kernel_release)
      .where('arch', '=', arch)
      .orderBy('host')
      .limit(examples)
      .execute();
    named.push({ kernelRelease: kernel_release, arch, hosts, examples: names.map(({ host }) => host) });
  }
  return named;
}
