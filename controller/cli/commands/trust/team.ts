import {
  type AddCommand,
  addHelp,
  type CliContext,
  type CommonOptions,
  collect,
  EXIT,
  type ExitCode,
  withJson,
} from '../../core/index.ts';
import { openDraft, saveDraft } from './draft-file.ts';
import { addToTeam, removeFromTeam, type TeamOptions } from './edit-scopes.ts';
import { printDraft } from './print-draft.ts';

type TrustTeamOptions = CommonOptions & TeamOptions & { readonly remove?: boolean; readonly out?: string };

/** `farcall trust team`. */
export const addTrustTeam: AddCommand = (parent, context, exitWith) => {
  const command = withJson(parent.command('team'))
    .summary('name a team, and how many of its members must approve')
    .description(
      'Puts people into a team, for scopes and for thresholds. Approvals of a policy can be asked of several teams; a person counts for one of them.',
    )
    .argument('<file>', 'bundle file')
    .argument('<name>', 'name of the team')
    .option('--member <name>', 'a requester or approver; may be repeated', collect, [])
    .option('--seats <policy=n>', 'approvals of this policy that must come from the team', collect, [])
    .option('--remove', 'remove these members instead; without --member, the whole team')
    .option('--out <file>', 'the file of the new draft; without it, an unsigned draft is changed in place');
  addHelp(command, {
    examples: [
      'trust team trust-1.json db --member bob --member carol --seats standard=1 --out trust-2.json',
      'trust team trust-2.json db --member carol --remove',
    ],
  }).action((file: string, name: string, options: TrustTeamOptions) =>
    exitWith(trustTeam(context, { file, name, options })),
  );
};

function trustTeam(
  context: CliContext,
  {
    file,
    name,
    options,
  }: { readonly file: string; readonly name: string; readonly options: TrustTeamOptions },
): ExitCode {
  const { bundle, out } = openDraft(file, options.out, context.clock.nowMs());
  const edited = options.remove
    ? removeFromTeam(bundle, name, options.member)
    : addToTeam(bundle, name, options);
  saveDraft(out, edited);
  printDraft(context, out, edited, options);
  return EXIT.ok;
}
