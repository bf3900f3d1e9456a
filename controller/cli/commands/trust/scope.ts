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
import { addScope, removeScopes, type ScopeOptions } from './edit-scopes.ts';
import { printDraft } from './print-draft.ts';

type TrustScopeOptions = CommonOptions & ScopeOptions & { readonly remove?: boolean; readonly out?: string };

/** `farcall trust scope`. */
export const addTrustScope: AddCommand = (parent, context, exitWith) => {
  const command = withJson(parent.command('scope'))
    .summary('limit what a person or team may ask for or approve')
    .description(
      'Limits what a person or a team may ask for or approve. Without a scope, they may do what their role allows. With several, each covers something more.',
    )
    .argument('<file>', 'bundle file')
    .argument('<who>', 'a person, or team:NAME')
    .requiredOption('--may <right>', 'request or approve')
    .option('--policy <name>', 'a policy that the scope covers; may be repeated', collect, [])
    .option(
      '--effect <effect>',
      'an effect that it covers: read, call or write; may be repeated',
      collect,
      [],
    )
    .option('--hosts <selector>', 'the hosts that it covers, by labels and names')
    .option('--function <pattern>', 'functions that it covers, such as get_*; may be repeated', collect, [])
    .option('--remove', 'remove all scopes for this right instead')
    .option('--out <file>', 'the file of the new draft; without it, an unsigned draft is changed in place');
  addHelp(command, {
    examples: [
      'trust scope trust-1.json alice --may request --hosts role=db --effect read --effect call --out trust-2.json',
      'trust scope trust-2.json team:kernel --may approve --policy standard',
      'trust scope trust-2.json alice --may request --remove',
    ],
  }).action((file: string, who: string, options: TrustScopeOptions) =>
    exitWith(trustScope(context, { file, who, options })),
  );
};

function trustScope(
  context: CliContext,
  {
    file,
    who,
    options,
  }: { readonly file: string; readonly who: string; readonly options: TrustScopeOptions },
): ExitCode {
  const { bundle, out } = openDraft(file, options.out, context.clock.nowMs());
  const edited = options.remove ? removeScopes(bundle, who, options.may) : addScope(bundle, who, options);
  saveDraft(out, edited);
  printDraft(context, out, edited, options);
  return EXIT.ok;
}
