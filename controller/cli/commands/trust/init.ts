import type { TrustBundle } from '../../../../shared/trust/index.ts';
import { type AddCommand, addHelp, collect, EXIT, type ExitCode, withJson } from '../../core/index.ts';
import type { CliContext, CommonOptions } from '../../session/index.ts';
import { bundleDraftText, saveNew } from './draft-file.ts';
import {
  addMembers,
  applySettings,
  beginSite,
  type MemberOptions,
  type SettingOptions,
} from './edit-bundle.ts';
import { printDraft } from './print-draft.ts';
import { THRESHOLD_HELP, withMembers } from './trust-options.ts';

interface TrustInitOptions extends CommonOptions, MemberOptions, SettingOptions {
  readonly rootThreshold: string;
  readonly expires: string;
  readonly siteLabel?: string;
  readonly out: string;
}

/** `farcall trust init`. */
export const addTrustInit: AddCommand = (parent, context, exitWith) => {
  const command = withJson(withMembers(parent.command('init'), 'name=file'))
    .summary('write the draft of a first trust bundle')
    .description('Writes the draft of a first trust bundle.')
    .requiredOption('--root-threshold <n>', 'how many roots must sign')
    .option('--threshold <threshold>', THRESHOLD_HELP, collect, [])
    .option('--expires <duration>', 'how long the bundle is valid', '365d')
    .option('--site-label <name>', 'a name of the site for people; it cannot be changed later')
    .requiredOption('--out <file>', 'the file of the draft; must not exist');
  addHelp(command, {
    examples: [
      'trust init --root rob=rob.pub --root rose=rose.pub --root-threshold 2 \\\n' +
        '--controller ctl-1=ctl-1.pub --requester alice=alice.pub --approver bob=bob.pub \\\n' +
        '--approver carol=carol.pub --threshold 2 --threshold standard.read=1 --out trust-1.json',
      'trust init --root me=me.pub --root-threshold 1 --controller lab=lab.pub --requester me=me.pub \\\n' +
        '--approver you=you.pub --threshold 1 --expires 30d --out lab.json',
    ],
  }).action((options: TrustInitOptions) => exitWith(trustInit(context, options)));
};

function trustInit(context: CliContext, options: TrustInitOptions): ExitCode {
  const nowMs = context.clock.nowMs();
  const empty: TrustBundle = {
    version: 1,
    site: '',
    ...(options.siteLabel !== undefined && { siteLabel: options.siteLabel }),
    issuedAtMs: nowMs,
    expiresAtMs: nowMs,
    roots: { threshold: 1, members: [] },
    controllers: [],
    requesters: [],
    approvers: [],
    thresholds: {},
  };
  const bundle = beginSite(applySettings(addMembers(empty, options, nowMs), options, nowMs));
  saveNew(options.out, bundleDraftText(bundle));
  printDraft(context, options.out, bundle, options);
  return EXIT.ok;
}
