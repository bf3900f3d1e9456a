import type { AddCommand } from '../../core/index.ts';
import { addSigningHosts } from './hosts.ts';
import { addModuleKeyEnrolHelp } from './key-enrol-help.ts';
import { addModuleKeyNew } from './key-new.ts';
import { addModuleKeyShow } from './key-show.ts';

/** `farcall signing`, with its subcommands. Only `hosts` calls a controller. */
export const addSigning: AddCommand = (parent, context, exitWith) => {
  const signing = parent
    .command('signing')
    .summary('sign modules, for kernels that require signatures')
    .description('Signs modules, for kernels that load only signed modules.');
  const key = signing
    .command('key')
    .summary('the key that signs modules')
    .description('Makes the key that signs modules, and explains how to make kernels trust it.');
  for (const add of [addModuleKeyNew, addModuleKeyShow, addModuleKeyEnrolHelp]) add(key, context, exitWith);
  addSigningHosts(signing, context, exitWith);
};
