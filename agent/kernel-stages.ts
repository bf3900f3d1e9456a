import { FarcallError } from '../shared/errors/index.ts';
import type { KernelStages } from './run-order/index.ts';

/** The stages of a call on the kernel of this very host. */
export async function kernelStages(): Promise<KernelStages> {
  throw new FarcallError('INTERNAL', 'this build of the agent has no compiler and no loader');
}
