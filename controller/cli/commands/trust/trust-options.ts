import type { Command } from 'commander';
import { collect } from '../../core/index.ts';
import type { MemberOptions, SettingOptions } from './edit-bundle.ts';
import { type DraftOptions, withDraft } from './edit-draft.ts';

/** The help of `--threshold`. */
export const THRESHOLD_HELP =
  'approvals: N, POLICY=N or POLICY.EFFECT=N, such as standard.read=0; may be repeated';

/** Options that `farcall trust add` and `farcall trust remove` share. */
export interface TrustEditOptions extends DraftOptions, MemberOptions, SettingOptions {}

/** Adds the options that name members, each with a value of the form `form`. */
export function withMembers(command: Command, form: string): Command {
  return command
    .option(`--root <${form}>`, 'a root, who signs trust bundles; may be repeated', collect, [])
    .option(`--controller <${form}>`, 'a controller; may be repeated', collect, [])
    .option(`--requester <${form}>`, 'a person who may make requests; may be repeated', collect, [])
    .option(`--approver <${form}>`, 'a person who may approve requests; may be repeated', collect, []);
}

/** Adds what every edit of a draft has, and the options that change settings of a bundle. */
export function withSettings(command: Command): Command {
  return withDraft(command)
    .option('--threshold <threshold>', THRESHOLD_HELP, collect, [])
    .option('--root-threshold <n>', 'how many roots must sign')
    .option('--expires <duration>', 'how long the bundle is valid, from now on');
}
