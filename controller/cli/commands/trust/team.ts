import { type AddCommand, addHelp, collect } from '../../core/index.ts';
import { type DraftOptions, editDraft, withDraft } from './edit-draft.ts';
import { addToTeam, removeFromTeam, type TeamOptions } from './edit-scopes.ts';

type TrustTeamOptions = DraftOptions & TeamOptions & { readonly remove?: boolean };

/** `farcall trust team`. */
export const addTrustTeam: AddCommand = (parent, context, exitWith) => {
  const command = withDraft(parent.command('team'))
    .summary('name a team, and how many of its members must approve')
    .description(
      'Puts people into a team, for scopes and for thresholds. Approvals of a policy can be asked of several teams; a person counts for one of them.',
    )
    .argument('<name>', 'name of the team')
    .option('--member <name>', 'a requester or approver; may be repeated', collect, [])
    .option('--seats <policy=n>', 'approvals of this policy that must come from the team', collect, [])
    .option('--remove', 'remove these members instead; without --member, the whole team');
  addHelp(command, {
    examples: [
      'trust team trust-1.json db --member bob --member carol --seats standard=1 --out trust-2.json',
      'trust team trust-2.json db --member carol --remove',
    ],
  }).action((file: string, name: string, options: TrustTeamOptions) =>
    exitWith(
      editDraft(context, file, options, bundle =>
        options.remove ? removeFromTeam(bundle, name, options.member) : addToTeam(bundle, name, options),
      ),
    ),
  );
};
