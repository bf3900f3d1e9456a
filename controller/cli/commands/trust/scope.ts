import { type AddCommand, addHelp, collect } from '../../core/index.ts';
import { type DraftOptions, editDraft, withDraft } from './edit-draft.ts';
import { addScope, removeScopes, type ScopeOptions } from './edit-scopes.ts';

type TrustScopeOptions = DraftOptions & ScopeOptions & { readonly remove?: boolean };

/** `farcall trust scope`. */
export const addTrustScope: AddCommand = (parent, context, exitWith) => {
  const command = withDraft(parent.command('scope'))
    .summary('limit what a person or team may ask for or approve')
    .description(
      'Limits what a person or a team may ask for or approve. Without a scope, they may do what their role allows. With several, each covers something more.',
    )
    .argument('<who>', 'a person, or team:NAME')
    .requiredOption('--may <right>', 'request or approve')
    .option('--policy <name>', 'a policy that the scope covers; may be repeated', collect, [])
    .option(
      '--effect <effect>',
      'an effect that it covers: read, watch, call, write or deny; may be repeated',
      collect,
      [],
    )
    .option('--hosts <selector>', 'the hosts that it covers, by labels and names')
    .option('--function <pattern>', 'functions that it covers, such as get_*; may be repeated', collect, [])
    .option('--remove', 'remove all scopes for this right instead');
  addHelp(command, {
    examples: [
      'trust scope trust-1.json alice --may request --hosts role=db --effect read --effect call --out trust-2.json',
      'trust scope trust-2.json team:kernel --may approve --policy standard',
      'trust scope trust-2.json alice --may request --remove',
    ],
  }).action((file: string, who: string, options: TrustScopeOptions) =>
    exitWith(
      editDraft(context, file, options, bundle =>
        options.remove ? removeScopes(bundle, who, options.may) : addScope(bundle, who, options),
      ),
    ),
  );
};
