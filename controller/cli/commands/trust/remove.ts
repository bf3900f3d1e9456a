import { type AddCommand, addHelp, collect, type ExitCode } from '../../core/index.ts';
import type { CliContext } from '../../session/index.ts';
import { applySettings, beginSite, removeMembers } from './edit-bundle.ts';
import { editDraft } from './edit-draft.ts';
import { type TrustEditOptions, withMembers, withSettings } from './trust-options.ts';

type TrustRemoveOptions = TrustEditOptions & { readonly policy: readonly string[] };

/** `farcall trust remove`. */
export const addTrustRemove: AddCommand = (parent, context, exitWith) => {
  const command = withSettings(withMembers(parent.command('remove'), 'name'))
    .summary('remove people, keys or a policy')
    .description(
      'Removes people, single keys (NAME=KEY_ID) or a policy. If the file is signed, the result is the next version.',
    )
    .option('--policy <name>', 'a policy and its thresholds; may be repeated', collect, []);
  addHelp(command, {
    examples: [
      'trust remove trust-1.json --approver carol --out trust-2.json',
      'trust remove trust-2.json --policy emergency',
    ],
  }).action((file: string, options: TrustRemoveOptions) => exitWith(trustRemove(context, file, options)));
};

function trustRemove(context: CliContext, file: string, options: TrustRemoveOptions): ExitCode {
  return editDraft(context, file, options, (bundle, nowMs) =>
    beginSite(applySettings(removeMembers(bundle, options), options, nowMs)),
  );
}
