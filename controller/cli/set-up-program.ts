import { Argument, type Command } from 'commander';
import { collect } from './collect.ts';
import { common, withConfig, withJson } from './command-options.ts';
import { contextList, contextShow, contextUse } from './commands/context.ts';
import { type EnrolOptions, enrolHost, enrolments, removeHost, revokeEnrolment } from './commands/host.ts';
import { type KeyNewOptions, type KeyShowOptions, keyNew, keyShow } from './commands/key.ts';
import { addCompletionCommands } from './completion/index.ts';
import type { CliContext, CommonOptions } from './context.ts';
import type { Finish } from './program.ts';
import { REMOTE, teach } from './teach.ts';

/** The commands that set up a person and a fleet; those of the trust bundle and of signing are elsewhere. */
export function addSetUpCommands(program: Command, context: CliContext, finish: Finish): void {
  addHost(program, context, finish);
  addKey(program, context, finish);
  addContext(program, context, finish);
  addCompletionCommands(program, context, finish);
}

function addKey(program: Command, context: CliContext, finish: Finish): void {
  const key = program.command('key').summary('make keys').description('Makes keys.');
  const making = withJson(key.command('new'))
    .summary('make an Ed25519 key pair')
    .description('Makes an Ed25519 key pair; the public key goes to stdout.')
    .requiredOption('--name <name>', 'whose key it is')
    .requiredOption('--out <file>', 'file for the private key (0600); must not exist');
  teach(making, {
    examples: [
      'key new --name alice --out alice.key > alice.pub',
      'key new --name rob --out /media/usb/rob.key --json',
    ],
  }).action(async (options: KeyNewOptions) => finish(await keyNew(context, options)));

  const showing = withJson(key.command('show'))
    .summary('print the public half of a key')
    .description('Prints the public half of a key, and its id, by which trust bundles name it.')
    .argument('<file>', 'file of the private key');
  teach(showing, { examples: ['key show alice.key > alice.pub', 'key show alice.key --json'] }).action(
    (file: string, options: KeyShowOptions) => finish(keyShow(context, file, options)),
  );
}

function addContext(program: Command, context: CliContext, finish: Finish): void {
  const contexts = program
    .command('context')
    .summary('several controllers, or several of you')
    .description('Chooses among several controllers and identities: farcall help contexts.');
  const listing = withConfig(withJson(contexts.command('list')))
    .summary('list the contexts of your configuration')
    .description('Lists the contexts of your configuration; the one that counts has a star.');
  teach(listing, { examples: ['context list', 'context list --json'] }).action((options: CommonOptions) =>
    finish(contextList(context, options)),
  );
  const using = withConfig(withJson(contexts.command('use')))
    .summary('have another context count from now on')
    .description(
      'Has another context count from now on, where neither --context nor FARCALL_CONTEXT says one.',
    )
    .argument('<context>', 'name of the context');
  teach(using, { examples: ['context use lab', 'context use prod --config ~/lab.json'] }).action(
    (name: string, options: CommonOptions) => finish(contextUse(context, name, options)),
  );
  const showing = withConfig(withJson(contexts.command('show')))
    .summary('show who you are, and where the controller is')
    .description('Shows who you are and where the controller is, once file and environment are put together.')
    .addArgument(new Argument('[context]', 'name of the context; the one that counts where not given'));
  teach(showing, { examples: ['context show', 'context show lab --json'] }).action(
    (name: string | undefined, options: CommonOptions) => finish(contextShow(context, name, options)),
  );
}

function addHost(program: Command, context: CliContext, finish: Finish): void {
  const host = program
    .command('host')
    .summary('let machines become hosts, and remove them')
    .description('Lets machines become hosts, and removes them.');
  addEnrol(host, context, finish);
  const listing = common(host.command('enrolments'))
    .summary('list enrolments')
    .description('Lists enrolments, the newest first.');
  teach(listing, { examples: ['host enrolments', 'host enrolments --json'], exits: REMOTE }).action(
    async (options: CommonOptions) => finish(await enrolments(context, options)),
  );
  const revoking = common(host.command('revoke'))
    .summary('make an enrolment worthless that was not used yet')
    .description('Makes an enrolment worthless that was not used yet.')
    .argument('<enrolment>', 'id of the enrolment: farcall host enrolments');
  teach(revoking, {
    examples: ['host revoke 4fj2kq9x', 'host revoke 4fj2kq9x --json'],
    exits: REMOTE,
  }).action(async (id: string, options: CommonOptions) =>
    finish(await revokeEnrolment(context, id, options)),
  );
  const removing = common(host.command('remove'))
    .summary('remove a host')
    .description('Removes a host: nothing it says is believed any more, and it gets no further credential.')
    .argument('<host>', 'name of the host');
  teach(removing, { examples: ['host remove web-1', 'host remove web-1 --json'], exits: REMOTE }).action(
    async (name: string, options: CommonOptions) => finish(await removeHost(context, name, options)),
  );
}

function addEnrol(host: Command, context: CliContext, finish: Finish): void {
  const command = common(host.command('enrol'))
    .summary('make a one-time token for a new host')
    .description('Makes a one-time token with which a machine becomes the host NAME.')
    .argument('<name>', 'name of the host: a-z, 0-9 and -')
    .option('--label <label>', 'label=value, by which requests select it; may be repeated', collect, [])
    .option('--expires <duration>', 'until when the token can be used', '1h')
    .option('--replace', 'the host is enrolled already; its old keys are worth nothing afterwards')
    .option('--roots <file>', 'whom the host is to trust; rootsFile of your configuration where not given')
    .option('--ca <file>', 'certificates of the controller; caFile of your configuration where not given')
    .option(
      '--address <address>',
      'host:port where the host reaches the controller; what the controller says where not given',
    )
    .option(
      '--out <file>',
      'write the token into this file (0600), which must not exist, instead of to stdout',
    );
  teach(command, {
    notes: [
      'The secret in the token is made here; the controller gets its SHA-256 only. Treat the token as a password.',
    ],
    examples: [
      'host enrol web-1 --label env=prod --label role=web --out web-1.token',
      'host enrol web-1 --replace | ssh root@web-1 farcall-agent enrol --token-stdin',
    ],
    exits: REMOTE,
  }).action(async (name: string, options: EnrolOptions) => finish(await enrolHost(context, name, options)));
}
