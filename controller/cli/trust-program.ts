import type { Command } from 'commander';
import { collect } from './collect.ts';
import { common, withJson } from './command-options.ts';
import type { CliContext, CommonOptions } from './context.ts';
import { EXIT } from './exit-codes.ts';
import type { Finish } from './program.ts';
import { REMOTE, teach } from './teach.ts';
import {
  type TrustEditOptions,
  type TrustInitOptions,
  type TrustShowOptions,
  type TrustSignOptions,
  trustAdd,
  trustInit,
  trustPublish,
  trustRemove,
  trustShow,
  trustSign,
} from './trust/index.ts';

const THRESHOLD_HELP = 'approvals: N, POLICY=N or POLICY.EFFECT=N, such as standard.read=0; may be repeated';

/** The commands below `farcall trust`. Only publish and show speak with a controller; the rest need no network. */
export function addTrustCommands(program: Command, context: CliContext, finish: Finish): void {
  const trust = program
    .command('trust')
    .summary('say who may ask, approve and order')
    .description('Says who may ask, approve and order; the roots sign it.');
  addInit(trust, context, finish);
  addEditing(trust, context, finish);
  addSigning(trust, context, finish);
  addPublishing(trust, context, finish);
}

function addInit(trust: Command, context: CliContext, finish: Finish): void {
  const command = withJson(withMembers(trust.command('init'), 'name=file'))
    .summary('write the draft of a first trust bundle')
    .description('Writes the draft of a first trust bundle.')
    .requiredOption('--root-threshold <n>', 'how many roots must sign')
    .option('--threshold <threshold>', THRESHOLD_HELP, collect, [])
    .option('--expires <duration>', 'until when the bundle is good', '365d')
    .requiredOption('--out <file>', 'the draft; must not exist');
  teach(command, {
    examples: [
      'trust init --root rob=rob.pub --root rose=rose.pub --root-threshold 2 \\\n' +
        '--controller ctl-1=ctl-1.pub --requester alice=alice.pub --approver bob=bob.pub \\\n' +
        '--approver carol=carol.pub --threshold 2 --threshold standard.read=1 --out trust-1.json',
      'trust init --root me=me.pub --root-threshold 1 --controller lab=lab.pub --requester me=me.pub \\\n' +
        '--approver you=you.pub --threshold 1 --expires 30d --out lab.json',
    ],
  }).action(async (options: TrustInitOptions) => finish(await trustInit(context, options)));
}

function addEditing(trust: Command, context: CliContext, finish: Finish): void {
  const adding = withSettings(withMembers(trust.command('add'), 'name=file'))
    .summary('add people and keys, change thresholds and expiry')
    .description(
      'Adds people and keys, or changes thresholds and expiry; a signed file becomes the next draft.',
    )
    .argument('<file>', 'bundle file')
    .option('--valid-from <time>', 'the added keys count from then on: 2027-01-31, or 7d from now')
    .option('--valid-until <time>', 'the added keys count until then');
  teach(adding, {
    examples: [
      'trust add trust-1.json --approver dave=dave.pub --valid-until 90d --out trust-2.json',
      'trust add trust-1.json --expires 365d --threshold standard.write=3 --out trust-2.json',
    ],
  }).action(async (file: string, options: TrustEditOptions) =>
    finish(await trustAdd(context, file, options)),
  );
  const removing = withSettings(withMembers(trust.command('remove'), 'name'))
    .summary('remove people, keys or a policy')
    .description(
      'Removes people, single keys (NAME=KEY_ID) or a policy; a signed file becomes the next draft.',
    )
    .argument('<file>', 'bundle file')
    .option('--policy <name>', 'a policy with its thresholds', collect, []);
  teach(removing, {
    examples: [
      'trust remove trust-1.json --approver carol --out trust-2.json',
      'trust remove trust-2.json --policy emergency',
    ],
  }).action(async (file: string, options: TrustEditOptions & { policy: readonly string[] }) =>
    finish(await trustRemove(context, file, options)),
  );
}

function addSigning(trust: Command, context: CliContext, finish: Finish): void {
  const command = withJson(trust.command('sign'))
    .summary("add a root's signature after a yes")
    .description("Shows what a bundle changes, and adds a root's signature after a yes.")
    .argument('<file>', 'bundle file; the signature is added to it')
    .requiredOption('--key <file>', "the root's private key")
    .option('--current <file>', 'your own copy of the bundle that counts now; for version 2 and later')
    .option('--yes <sha256>', 'sign without asking where the bundle has this digest, for scripts');
  teach(command, {
    examples: [
      'trust sign trust-1.json --key rob.key',
      'trust sign trust-2.json --current trust-1.json --key rob.key',
    ],
    exits: [EXIT.refused, EXIT.declined],
  }).action(async (file: string, options: TrustSignOptions) =>
    finish(await trustSign(context, file, options)),
  );
}

function addPublishing(trust: Command, context: CliContext, finish: Finish): void {
  const publishing = common(trust.command('publish'))
    .summary('send a signed bundle to the controller')
    .description('Sends a signed bundle to the controller, which passes it on to the hosts.')
    .argument('<file>', 'bundle file');
  teach(publishing, {
    examples: ['trust publish trust-2.json', 'trust publish trust-2.json --context lab --json'],
    exits: REMOTE,
  }).action(async (file: string, options: CommonOptions) =>
    finish(await trustPublish(context, file, options)),
  );
  const showing = common(trust.command('show'))
    .summary('show who may what, and who signed it')
    .description('Shows who may what, with which keys, and who signed it.')
    .argument('[file]', 'bundle file; without it, the bundle that counts at the controller')
    .option('--current <file>', 'show what it changes, and which of those roots have signed')
    .option('--roots', 'print the roots alone, for the rootsFile of hosts and controllers')
    .option('--out <file>', 'save the bundle to a file that must not exist');
  teach(showing, {
    examples: ['trust show', 'trust show trust-1.json --roots > roots.json', 'trust show --out now.json'],
    exits: REMOTE,
  }).action(async (file: string | undefined, options: TrustShowOptions) =>
    finish(await trustShow(context, file, options)),
  );
}

function withMembers(command: Command, form: string): Command {
  return command
    .option(`--root <${form}>`, 'whose signature counts for the bundle itself; may be repeated', collect, [])
    .option(`--controller <${form}>`, 'a controller; may be repeated', collect, [])
    .option(`--requester <${form}>`, 'somebody who may ask; may be repeated', collect, [])
    .option(`--approver <${form}>`, 'somebody who may approve; may be repeated', collect, []);
}

function withSettings(command: Command): Command {
  return withJson(command)
    .option('--threshold <threshold>', THRESHOLD_HELP, collect, [])
    .option('--root-threshold <n>', 'how many roots must sign')
    .option('--expires <duration>', 'until when the bundle is good, from now')
    .option('--out <file>', 'where the draft goes; without it, an unsigned draft is changed in its place');
}
