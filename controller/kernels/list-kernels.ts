import type { KnownKernel } from '../../shared/messages/index.ts';
import { selectHosts } from '../requests/index.ts';
import type { HostStore, KernelTypesRecord, KernelTypesStore } from '../store/index.ts';
import { buildKey, type FleetKernel, fleetKernels } from './kernel-builds.ts';
import type { KernelTypesFetcher } from './kernel-types-fetcher.ts';

/** Inputs of the queries about kernels, by reference; owned by the caller. */
export interface KernelsDeps {
  readonly hosts: Pick<HostStore, 'all'>;
  readonly kernelTypes: Pick<KernelTypesStore, 'list'>;
  readonly kernelTypesFetcher: Pick<KernelTypesFetcher, 'problemOf' | 'fetchMissing'>;
}

/** A kernel of the fleet, with what is known of it. */
export interface SelectedKernel extends FleetKernel {
  readonly record: KernelTypesRecord | undefined;
}

/**
 * How long a caller waits for kernels that are not known yet; what takes longer is there when the caller
 * asks again.
 */
const WAIT_MS = 5000;

/**
 * The kernels of the hosts that `selector` selects, the most frequent first. If none of them is known, they
 * are fetched first. Throws SELECTOR_INVALID.
 */
export async function selectKernels(deps: KernelsDeps, selector: string): Promise<readonly SelectedKernel[]> {
  const kernels = await knownKernels(deps, selector);
  if (kernels.length === 0 || kernels.some(({ record }) => record)) return kernels;
  await deps.kernelTypesFetcher.fetchMissing(WAIT_MS);
  return knownKernels(deps, selector);
}

async function knownKernels(deps: KernelsDeps, selector: string): Promise<readonly SelectedKernel[]> {
  const kernels = fleetKernels(selectHosts(selector, await deps.hosts.all()));
  const records = new Map((await deps.kernelTypes.list()).map(record => [buildKey(record), record]));
  return kernels.map(kernel => ({ ...kernel, record: records.get(buildKey(kernel.build)) }));
}

/** A kernel, as operators see it. */
export function kernelView({ build, hosts, record }: SelectedKernel, deps: KernelsDeps): KnownKernel {
  const about = { ...build, hosts: hosts.length };
  if (!record) {
    const problem = deps.kernelTypesFetcher.problemOf(build) ?? 'its hosts have not been asked yet';
    return { ...about, known: false, functions: 0, problem };
  }
  const { functions, host: sourceHost, fetchedAtMs } = record;
  return { ...about, known: true, functions, sourceHost, fetchedAtMs };
}

/** The kernels of a selector, and whether their types are known. Throws SELECTOR_INVALID. */
export async function listKernels(
  deps: KernelsDeps,
  { selector }: { readonly selector: string },
): Promise<{ kernels: KnownKernel[] }> {
  const kernels = await knownKernels(deps, selector);
  return { kernels: kernels.map(kernel => kernelView(kernel, deps)) };
}
