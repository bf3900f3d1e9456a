import type { AddCommand } from '../../core/index.ts';
import { addKeyNew } from './new.ts';
import { addKeyShow } from './show.ts';

/** `farcall key`, with its subcommands. */
export const addKey: AddCommand = (parent, context, exitWith) => {
  const key = parent.command('key').summary('make keys').description('Makes keys.');
  for (const add of [addKeyNew, addKeyShow]) add(key, context, exitWith);
};
