import { type AddCommand, addHelp, type ExitCode } from '../../core/index.ts';
import type { CliContext } from '../../session/index.ts';
import { addMembers, applySettings, beginSite, type ValidityOptions } from './edit-bundle.ts';
import { editDraft } from './edit-draft.ts';
import { type TrustEditOptions, withMembers, withSettings } from './trust-options.ts';

type TrustAddOptions = TrustEditOptions & ValidityOptions;

/** `farcall trust add`. */
export const addTrustAdd: AddCommand = (parent, context, exitWith) => {
  const command = withSettings(withMembers(parent.command('add'), 'name=file'))
    .summary('add people and keys, change thresholds and expiry')
    .description(
      'Adds people and keys, or changes thresholds and expiry. If the file is signed, the result is the next version.',
    )
    .option('--valid-from <time>', 'when the added keys become valid: 2027-01-31, or 7d from now')
    .option('--valid-until <time>', 'when the added keys stop being valid');
  addHelp(command, {
    examples: [
      'trust add trust-1.json --approver dave=dave.pub --valid-until 90d --out trust-2.json',
      'trust add trust-1.json --expires 365d --threshold standard.write=3 --out trust-2.json',
    ],
  }).action((file: string, options: TrustAddOptions) => exitWith(trustAdd(context, file, options)));
};

function trustAdd(context: CliContext, file: string, options: TrustAddOptions): ExitCode {
  return editDraft(context, file, options, (bundle, nowMs) =>
    beginSite(applySettings(addMembers(bundle, options, nowMs), options, nowMs)),
  );
}
