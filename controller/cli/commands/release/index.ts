import type { AddCommand } from '../../core/index.ts';
import { addReleaseVerify } from './verify.ts';

/** `farcall release`. It calls no controller. */
export const addRelease: AddCommand = (parent, context, exitWith) => {
  const release = parent
    .command('release')
    .summary('check what was downloaded')
    .description('Checks releases of farcall.');
  addReleaseVerify(release, context, exitWith);
};
