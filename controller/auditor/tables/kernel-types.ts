import { auditDigest, type Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';

/**
 * Types of kernels, each as one host reported them. The log does not record them, and no decision depends on
 * them; their MACs say that a controller wrote them.
 */
export const kernelTypesCheck: TableCheck<Schema['kernel_types']> = {
  keyOf: ({ release, version, arch }) => [release, version, arch],
  recorded: 'none',
  check({ packed, digest }, _context, report) {
    if (auditDigest(packed) !== Buffer.from(digest).toString('hex'))
      report('digest', 'its digest is not that of its bytes');
  },
};
