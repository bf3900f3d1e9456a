import type { AddCommand } from '../../core/index.ts';
import { addContextList } from './list.ts';
import { addContextShow } from './show.ts';
import { addContextUse } from './use.ts';

/** `farcall context`, with its subcommands. */
export const addContext: AddCommand = (parent, context, exitWith) => {
  const contexts = parent
    .command('context')
    .summary('choose among several controllers or identities')
    .description('Chooses among several controllers or identities: see farcall help contexts.');
  for (const add of [addContextList, addContextUse, addContextShow]) add(contexts, context, exitWith);
};
