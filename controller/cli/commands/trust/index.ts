import type { AddCommand } from '../../core/index.ts';
import { addTrustAdd } from './add.ts';
import { addTrustEmergency } from './emergency.ts';
import { addTrustInit } from './init.ts';
import { addTrustPublish } from './publish.ts';
import { addTrustRemove } from './remove.ts';
import { addTrustScope } from './scope.ts';
import { addTrustShow } from './show.ts';
import { addTrustSign } from './sign.ts';
import { addTrustTeam } from './team.ts';

/**
 * `farcall trust`, with its subcommands. Only `publish` and `show` call a controller. The others need no
 * network.
 */
export const addTrust: AddCommand = (parent, context, exitWith) => {
  const trust = parent
    .command('trust')
    .summary('define who may request, approve and order')
    .description('Defines who may request, approve and order. The roots sign this.');
  const edits = [addTrustInit, addTrustAdd, addTrustRemove, addTrustTeam, addTrustScope, addTrustEmergency];
  for (const add of [...edits, addTrustSign, addTrustPublish, addTrustShow]) add(trust, context, exitWith);
};
