import { Command, Option } from 'commander';
import { EFFECTS, POLICIES } from '../../shared/messages/index.ts';
import { collect } from './collect.ts';
import { common, withJson } from './command-options.ts';
import { type AbortOptions, abort } from './commands/abort.ts';
import { type AuditShowOptions, type AuditVerifyOptions, auditShow, auditVerify } from './commands/audit.ts';
import type { ConfirmOptions } from './commands/confirm.ts';
import { openConsole } from './commands/console.ts';
import { approve, type RejectOptions, reject } from './commands/decide.ts';
import { type EnrolOptions, enrolHost, enrolments, removeHost, revokeEnrolment } from './commands/host.ts';
import { type KeyNewOptions, keyNew } from './commands/key.ts';
import { hosts, type RequestsOptions, requests } from './commands/lists.ts';
import { type PlanOptions, plan } from './commands/plan.ts';
import { type RequestOptions, request } from './commands/request.ts';
import { withdraw } from './commands/withdraw.ts';
import type { CliContext, CommonOptions } from './context.ts';
import { EXIT_HELP, type ExitCode } from './exit-codes.ts';
import { addReportCommands, addRolloutCommands } from './report-program.ts';
import { addSigningCommands } from './signing-program.ts';
import { addTrustCommands } from './trust-program.ts';

const IDENTITY_HELP = `
Who you are stands in ~/.config/farcall/config.json (or --config, FARCALL_CONFIG):
  { "controller": "ctl.example.org:7440", "caFile": "ca.pem", "name": "alice", "keyFile": "alice.key" }
FARCALL_CONTROLLER, FARCALL_CA_FILE, FARCALL_NAME and FARCALL_KEY_FILE override its members.`;

const SELECTOR_HELP = `
Hosts are selected by labels and facts:
  env=prod  env!=prod  env=prod|test  env in (prod,test)  host=web-*  @web-1,@web-2
  canary  !canary                            has the label, or not
  kernel~6.1                                 6.1.anything, not 6.10
  host kernel arch agent boot signing modules lockdown secureboot    are facts
  a,b  a|b  !a  (a|b),!c                     both, either, not, groups`;

/** Gives the exit code of a command to whoever started the program. */
export type Finish = (code: ExitCode) => void;

/** The whole command line: every command with its options, help and examples. */
export function buildProgram(context: CliContext, finish: Finish): Command {
  const program = new Command('farcall')
    .description(
      'Calls functions inside the Linux kernels of a fleet, when those who must approve it have signed it.',
    )
    .addHelpText('after', `${IDENTITY_HELP}\n${EXIT_HELP}`)
    .exitOverride()
    .configureOutput({
      writeOut: text => context.terminal.write(text),
      writeErr: text => context.terminal.warn(text.trimEnd()),
    })
    .showHelpAfterError('(add --help for what this command takes)');
  addKey(program, context, finish);
  addTrustCommands(program, context, finish);
  addPlan(program, context, finish);
  addRequest(program, context, finish);
  addApprove(program, context, finish);
  addStopping(program, context, finish);
  addReportCommands(program, context, finish);
  addRolloutCommands(program, context, finish);
  addLists(program, context, finish);
  addAudit(program, context, finish);
  addHost(program, context, finish);
  addSigningCommands(program, context, finish);
  return program;
}

function addKey(program: Command, context: CliContext, finish: Finish): void {
  const key = program.command('key').description('make keys');
  withJson(key.command('new'))
    .description('make an Ed25519 key pair; the public key goes to stdout')
    .requiredOption('--name <name>', 'whose key it is')
    .requiredOption('--out <file>', 'file for the private key; must not exist')
    .addHelpText('after', '\nExample:\n  farcall key new --name alice --out alice.key > alice.pub')
    .action(async (options: KeyNewOptions) => finish(await keyNew(context, options)));
}

function addRequest(program: Command, context: CliContext, finish: Finish): void {
  planning(common(program.command('request')))
    .description('ask for a call; nothing runs before it is approved')
    .argument('[program]', 'the call program, C; - reads it from stdin')
    .option('--file <file>', 'read the program from a file')
    .requiredOption('--reason <text>', 'why, for the approvers')
    .option('--expires <duration>', 'no host starts it later than this', '1h')
    .option('--late-joiners', 'hosts that are enrolled later, and that --hosts means, may run it too')
    .option('--no-plan', 'do not ask hosts first what it would do there')
    .option(
      '--wave <hosts>',
      'the next wave: 5, 10% of all hosts, rest, role=canary, or 5 of role=canary; may be repeated',
      collect,
      [],
    )
    .option('--bake <duration>', 'wait and look so long after the last answer of each wave')
    .option('--manual', 'each next wave waits for farcall promote')
    .option('--max-failed <hosts>', 'more failed hosts in a wave stop the rollout; 0 where no limit is given')
    .option('--max-failed-share <share>', 'a larger share of failed hosts in a wave stops it, such as 1%')
    .option(
      '--answer-within <duration>',
      'who is silent then is unreachable; --timeout and 1m where not given',
    )
    .addHelpText(
      'after',
      `${SELECTOR_HELP}\n` +
        "\nExamples:\n  farcall request '_printk(\"Hello, world %d\\n\", 1234)' --hosts env=demo --reason 'say hello'\n" +
        "  farcall request --file wake.c --hosts host=web-1 --reason 'INC-17: wake a stuck task' --expires 10m\n" +
        '  farcall request --file fix.c --hosts env=prod --reason CVE-1 --expires 6h \\\n' +
        "    --wave 'role=canary; bake 30m; manual' --wave 10% --wave rest --bake 5m --max-failed-share 1%",
    )
    .action(async (text: string | undefined, options: RequestOptions) =>
      finish(await request(context, text, options)),
    );
}

function addPlan(program: Command, context: CliContext, finish: Finish): void {
  planning(common(program.command('plan')))
    .description(
      'ask some hosts of each kernel what a program would do there; nothing is run, and nobody need approve',
    )
    .argument('[program]', 'the call program, C; - reads it from stdin')
    .option('--file <file>', 'read the program from a file')
    .addHelpText(
      'after',
      `${SELECTOR_HELP}\nEnds with 3 where a kernel did not answer or would not run it.\n` +
        "\nExamples:\n  farcall plan 'wake_up_process(find_task(4242))' --hosts 'env=prod,!canary'\n" +
        "  farcall plan --file wake.c --hosts 'kernel~6.1|6.12' --per-kernel 2 --json",
    )
    .action(async (text: string | undefined, options: PlanOptions) =>
      finish(await plan(context, text, options)),
    );
}

/** Options that say what is to be planned or requested, and how a plan is made. */
function planning(command: Command): Command {
  return command
    .requiredOption('--hosts <selector>', 'env=prod,kernel~6.1,!canary; @NAME for one host; * for all')
    .addOption(new Option('--policy <name>', 'whose thresholds count').choices(POLICIES).default('standard'))
    .addOption(new Option('--effect <effect>', 'the most that it may do').choices(EFFECTS).default('call'))
    .option('--timeout <duration>', 'a call not back by then is timed-out', '30s')
    .option('--per-kernel <n>', 'hosts to ask of each kernel build for the plan', '1')
    .option(
      '--ask <host>',
      'ask this host for the plan, instead of some of each kernel; may be repeated',
      collect,
      [],
    )
    .option('--wait <duration>', 'how long hosts have for their part of the plan', '10s');
}

function addApprove(program: Command, context: CliContext, finish: Finish): void {
  confirmed(program.command('approve'))
    .description('show a request, and sign it with your own key after a yes')
    .addHelpText(
      'after',
      '\nThe digest is computed here from the bytes that are shown; your key never leaves this machine.\n' +
        '--yes needs --digest: what a script approves must be what was reviewed.\n' +
        '\nExamples:\n  farcall approve 7k2m9x4qw8rt\n' +
        '  farcall approve 7k2m9x4qw8rt --yes --digest sha256:9d144f5100c9e47c',
    )
    .action(async (id: string, options: ConfirmOptions) => finish(await approve(context, id, options)));
  confirmed(program.command('reject'))
    .description('block a request until you take that back with farcall withdraw')
    .requiredOption('--reason <text>', 'why; signed with it')
    .addHelpText('after', "\nExample:\n  farcall reject 7k2m9x4qw8rt --reason 'wrong hosts'")
    .action(async (id: string, options: RejectOptions) => finish(await reject(context, id, options)));
}

function addStopping(program: Command, context: CliContext, finish: Finish): void {
  confirmed(program.command('withdraw'))
    .description('take your approval or rejection back, as long as nothing was ordered')
    .addHelpText('after', '\nExample:\n  farcall withdraw 7k2m9x4qw8rt')
    .action(async (id: string, options: ConfirmOptions) => finish(await withdraw(context, id, options)));
  confirmed(program.command('abort'))
    .description('stop a request on every host that has not started it; calls that run are not ended')
    .requiredOption('--reason <text>', 'why; signed with it')
    .addHelpText(
      'after',
      '\nIts requester and every approver may. Each host checks the abort itself, and remembers it.\n' +
        "\nExample:\n  farcall abort 7k2m9x4qw8rt --reason 'web-1 hangs'",
    )
    .action(async (id: string, options: AbortOptions) => finish(await abort(context, id, options)));
}

function addLists(program: Command, context: CliContext, finish: Finish): void {
  common(program.command('requests'))
    .description('list requests, the newest first')
    .option('--limit <n>', 'at most so many', '50')
    .addHelpText('after', '\nExample:\n  farcall requests --limit 5')
    .action(async (options: RequestsOptions) => finish(await requests(context, options)));
  common(program.command('hosts'))
    .description('list the hosts that a selector means')
    .argument('[selector]', 'as in farcall request --hosts', '*')
    .addHelpText(
      'after',
      `${SELECTOR_HELP}\n\nExamples:\n  farcall hosts\n  farcall hosts 'env=prod,role!=db'`,
    )
    .action(async (selector: string, options: CommonOptions) =>
      finish(await hosts(context, selector, options)),
    );
  common(program.command('console'))
    .description('print an address that signs you in at the web console, once')
    .addHelpText('after', '\nExample:\n  farcall console')
    .action(async (options: CommonOptions) => finish(await openConsole(context, options)));
}

function addAudit(program: Command, context: CliContext, finish: Finish): void {
  const audit = program.command('audit').description('read what happened, and prove that it is the truth');
  withJson(audit.command('verify'))
    .description(
      'verify a store from its file or database alone, read only: every signature, sum, and the chain of the log',
    )
    .option('--store <file>', "the controller's SQLite file; the controller may be running")
    .option('--config <file>', "a controller's configuration, which says where its store is")
    .requiredOption(
      '--roots <file>',
      "the roots that the controller was set up with; best the auditor's own copy",
    )
    .option('--checkpoint <file>', 'checkpoints kept elsewhere, one in a line; may be repeated', collect, [])
    .addHelpText(
      'after',
      '\nPrints every finding, and ends with 8 where there is any; with --json one object in a line.\n' +
        'Checkpoints are in the file that the controller appends to (checkpointFile), and on every host\n' +
        "(farcall-agent checkpoint show); they show what was cut off, or rewritten with the controller's own key.\n" +
        '\nExample:\n  farcall audit verify --store farcall.db --roots roots.json --checkpoint web-01.checkpoints',
    )
    .action(async (options: AuditVerifyOptions) => finish(await auditVerify(context, options)));
  common(audit.command('show'))
    .description('print the entries of the audit log, oldest first')
    .option('--request <id>', 'those about one request')
    .option('--kind <kind>', 'those of one kind, such as approval-added')
    .option('--after <seq>', 'those behind this one', '0')
    .option('--limit <n>', 'at most so many', '10000')
    .addHelpText('after', '\nExample:\n  farcall audit show --request 7k2m9x4qw8rt --json')
    .action(async (options: AuditShowOptions) => finish(await auditShow(context, options)));
}

function confirmed(command: Command): Command {
  return common(command)
    .argument('<id>', 'request id')
    .option('--yes', 'sign without asking, for scripts')
    .option('--digest <sha256>', 'refuse unless the request has this digest; 16 hex digits or more');
}

function addHost(program: Command, context: CliContext, finish: Finish): void {
  const host = program.command('host').description('let machines become hosts, and remove them');
  common(host.command('enrol'))
    .description('make a one-time token with which a machine becomes the host NAME')
    .argument('<name>', 'name of the host: a-z, 0-9 and -')
    .option('--label <label=value>', 'by which requests select it; may be repeated', collect, [])
    .option('--expires <duration>', 'until when the token can be used', '1h')
    .option('--replace', 'the host is enrolled already; its old keys are worth nothing afterwards')
    .option('--roots <file>', 'whom the host is to trust; rootsFile of your configuration where not given')
    .option('--ca <file>', 'certificates of the controller; caFile of your configuration where not given')
    .option(
      '--address <host:port>',
      'where the host reaches the controller; what the controller says where not given',
    )
    .option(
      '--out <file>',
      'write the token into this file (0600), which must not exist, instead of to stdout',
    )
    .addHelpText(
      'after',
      '\nThe secret in the token is made here; the controller gets its SHA-256 only. Treat the token as a password.\n' +
        '\nExample:\n  farcall host enrol web-1 --label env=prod --label role=web --out web-1.token\n' +
        '  ssh root@web-1 farcall-agent enrol --token-stdin < web-1.token',
    )
    .action(async (name: string, options: EnrolOptions) => finish(await enrolHost(context, name, options)));
  common(host.command('enrolments'))
    .description('list enrolments, the newest first')
    .action(async (options: CommonOptions) => finish(await enrolments(context, options)));
  common(host.command('revoke'))
    .description('make an enrolment that was not used yet worthless')
    .argument('<id>', 'id of the enrolment')
    .action(async (id: string, options: CommonOptions) =>
      finish(await revokeEnrolment(context, id, options)),
    );
  common(host.command('remove'))
    .description('remove a host: nothing it says is believed any more, and it gets no further credential')
    .argument('<name>', 'name of the host')
    .action(async (name: string, options: CommonOptions) => finish(await removeHost(context, name, options)));
}
