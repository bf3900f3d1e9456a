import type { CliContext, CommonOptions } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { openDraft, saveDraft } from './draft-file.ts';
import {
  addMembers,
  applySettings,
  type MemberOptions,
  removeMembers,
  type SettingOptions,
  type ValidityOptions,
} from './edit-bundle.ts';
import { printDraft } from './print-draft.ts';

/** Options that `add` and `remove` share. */
export interface TrustEditOptions extends CommonOptions, MemberOptions, SettingOptions {
  readonly out?: string;
}

/** Adds people, keys and thresholds to a draft; a signed file becomes the draft of the next version. */
export async function trustAdd(
  context: CliContext,
  file: string,
  options: TrustEditOptions & ValidityOptions,
): Promise<ExitCode> {
  const nowMs = context.clock.nowMs();
  const { bundle, out } = openDraft(file, options.out, nowMs);
  const edited = applySettings(addMembers(bundle, options, nowMs), options, nowMs);
  saveDraft(out, edited);
  printDraft(context, out, edited, options);
  return EXIT.ok;
}

/** Removes people, keys and policies from a draft; a signed file becomes the draft of the next version. */
export async function trustRemove(
  context: CliContext,
  file: string,
  options: TrustEditOptions & { readonly policy: readonly string[] },
): Promise<ExitCode> {
  const nowMs = context.clock.nowMs();
  const { bundle, out } = openDraft(file, options.out, nowMs);
  const edited = applySettings(removeMembers(bundle, options), options, nowMs);
  saveDraft(out, edited);
  printDraft(context, out, edited, options);
  return EXIT.ok;
}
