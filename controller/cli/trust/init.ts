import type { TrustBundle } from '../../../shared/trust/index.ts';
import type { CliContext, CommonOptions } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { draftText, saveNew } from './draft-file.ts';
import { addMembers, applySettings, type MemberOptions, type SettingOptions } from './edit-bundle.ts';
import { printDraft } from './print-draft.ts';

/** Options of `farcall trust init`. */
export interface TrustInitOptions extends CommonOptions, MemberOptions, SettingOptions {
  readonly rootThreshold: string;
  readonly expires: string;
  readonly out: string;
}

/** Writes the draft of a first trust bundle. Its roots must sign it before anybody believes it. */
export async function trustInit(context: CliContext, options: TrustInitOptions): Promise<ExitCode> {
  const nowMs = context.clock.nowMs();
  const empty: TrustBundle = {
    version: 1,
    issuedAtMs: nowMs,
    expiresAtMs: nowMs,
    roots: { threshold: 1, members: [] },
    controllers: [],
    requesters: [],
    approvers: [],
    thresholds: {},
  };
  const bundle = applySettings(addMembers(empty, options, nowMs), options, nowMs);
  saveNew(options.out, draftText(bundle));
  printDraft(context, options.out, bundle, options);
  return EXIT.ok;
}
