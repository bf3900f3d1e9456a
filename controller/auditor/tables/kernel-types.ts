import { auditDigest, type Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';

/**
 * What kernels have, by the word of one host each. The log says nothing of it, and no decision rests on it:
 * who can write to the database can mislead a check of a program, and no host, which compiles against its own
 * kernel.
 */
export const kernelTypesCheck: TableCheck<Schema['kernel_types']> = {
  keyOf: ({ release, version, arch }) => [release, version, arch],
  recorded: 'none',
  check({ packed, digest }, _context, report) {
    if (auditDigest(packed) !== Buffer.from(digest).toString('hex'))
      report('digest', 'its digest is not that of its bytes');
  },
};
