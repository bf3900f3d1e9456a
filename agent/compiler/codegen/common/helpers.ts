import { FarcallError } from '../../../../shared/errors/index.ts';
import type { CallTarget } from '../../ir/index.ts';

/** Kernel functions that generated code calls, by what they do; the first name that a kernel has is taken. */
export const HELPERS = {
  /**
   * Brings the result area to user space. The older names are those of kernels before 5.8, here and below.
   */
  copyToUser: ['copy_to_user_nofault', '__probe_user_write', 'probe_user_write'],
  copyFromKernel: ['copy_from_kernel_nofault', 'probe_kernel_read'],
  copyToKernel: ['copy_to_kernel_nofault', 'probe_kernel_write'],
  copyString: ['strncpy_from_kernel_nofault', 'strncpy_from_unsafe'],
} as const satisfies Record<string, readonly string[]>;

/** One of {@link HELPERS}. */
export type Helper = keyof typeof HELPERS;

/** Finds functions of one kernel by name. */
export type FindFunction = (name: string) => CallTarget | undefined;

/** The first of `names` that the kernel has. */
export function firstOf(names: readonly string[], find: FindFunction): CallTarget | undefined {
  for (const name of names) {
    const found = find(name);
    if (found) return found;
  }
  return undefined;
}

/** The function for `helper`. Throws KERNEL_LACKS with the names that were looked for. */
export function needHelper(helper: Helper, find: FindFunction): CallTarget {
  const found = firstOf(HELPERS[helper], find);
  if (found) return found;
  throw new FarcallError('KERNEL_LACKS', `this kernel has none of ${HELPERS[helper].join(', ')}`);
}
