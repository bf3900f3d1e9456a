import type { Command } from 'commander';
import type { TrustBundle } from '../../../../shared/trust/index.ts';
import { EXIT, type ExitCode, withJson } from '../../core/index.ts';
import type { CliContext, CommonOptions } from '../../session/index.ts';
import { openDraft, saveDraft } from './draft-file.ts';
import { printDraft } from './print-draft.ts';

/** Options of every command that edits the draft of a bundle. */
export interface DraftOptions extends CommonOptions {
  readonly out?: string;
}

/** Adds the argument and the options of {@link DraftOptions}. */
export function withDraft(command: Command): Command {
  return withJson(command)
    .argument('<file>', 'bundle file')
    .option('--out <file>', 'the file of the new draft; without it, an unsigned draft is changed in place');
}

/**
 * Saves the bundle in `file` as `edit` makes it, and prints a summary. Throws CONFIG_INVALID and
 * FILE_UNREADABLE.
 */
export function editDraft(
  context: CliContext,
  file: string,
  options: DraftOptions,
  edit: (bundle: TrustBundle, nowMs: number) => TrustBundle,
): ExitCode {
  const nowMs = context.clock.nowMs();
  const { bundle, out } = openDraft(file, options.out, nowMs);
  const edited = edit(bundle, nowMs);
  saveDraft(out, edited);
  printDraft(context, out, edited, options);
  return EXIT.ok;
}
