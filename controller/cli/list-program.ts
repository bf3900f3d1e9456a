import type { Command } from 'commander';
import { collect } from './collect.ts';
import { common, withJson } from './command-options.ts';
import { type AuditShowOptions, type AuditVerifyOptions, auditShow, auditVerify } from './commands/audit.ts';
import { openConsole } from './commands/console.ts';
import { hosts, type RequestsOptions, requests } from './commands/lists.ts';
import type { CliContext, CommonOptions } from './context.ts';
import { EXIT } from './exit-codes.ts';
import type { Finish } from './program.ts';
import { REMOTE, teach } from './teach.ts';

/** The commands that list what there is and what happened. */
export function addListCommands(program: Command, context: CliContext, finish: Finish): void {
  const listing = common(program.command('requests'))
    .summary('list requests and how they stand')
    .description('Lists requests, the newest first.')
    .option('--limit <n>', 'at most so many', '50');
  teach(listing, {
    examples: ['requests', 'requests --limit 5 --json'],
    exits: REMOTE,
  }).action(async (options: RequestsOptions) => finish(await requests(context, options)));

  const fleet = common(program.command('hosts'))
    .summary('list the hosts that a selector means')
    .description('Lists the hosts that a selector means: kernel, labels, when they were heard of.')
    .argument('[selector]', 'as in farcall request --hosts: farcall help selectors', '*');
  teach(fleet, {
    examples: ['hosts', "hosts 'env=prod,role!=db'", "hosts 'kernel~6.1' --json"],
    exits: REMOTE,
  }).action(async (selector: string, options: CommonOptions) =>
    finish(await hosts(context, selector, options)),
  );

  const page = common(program.command('console'))
    .summary('sign in at the web console')
    .description('Prints an address that signs you in at the web console: once, within a minute.');
  teach(page, {
    notes: [
      'For approvals there, have the roots put a passkey of yours into the trust bundle; the console makes one.',
    ],
    examples: ['console', 'console --json'],
    exits: REMOTE,
  }).action(async (options: CommonOptions) => finish(await openConsole(context, options)));
  addAudit(program, context, finish);
}

function addAudit(program: Command, context: CliContext, finish: Finish): void {
  const audit = program
    .command('audit')
    .summary('read what happened, and prove it')
    .description('Reads what happened, and proves that it is the truth.');
  const verifying = withJson(audit.command('verify'))
    .summary('verify a store: signatures, sums, the chain of the log')
    .description(
      'Verifies a store from its file or database alone, read only: every signature, sum, and the chain of the log.',
    )
    .option('--store <file>', "the controller's SQLite file; the controller may be running")
    .option('--config <file>', "a controller's configuration, which says where its store is")
    .requiredOption(
      '--roots <file>',
      "the roots that the controller was set up with; best the auditor's own copy",
    )
    .option('--checkpoint <file>', 'checkpoints kept elsewhere, one in a line; may be repeated', collect, []);
  teach(verifying, {
    notes: [
      'Prints every finding; with --json one object in a line.',
      'Checkpoints are in the file that the controller appends to (checkpointFile), and on every host',
      "(farcall-agent checkpoint show); they show what was cut off, or rewritten with the controller's own key.",
    ],
    examples: [
      'audit verify --store farcall.db --roots roots.json --checkpoint web-01.checkpoints',
      'audit verify --config /srv/farcall/controller.json --roots roots.json --json',
    ],
    exits: [EXIT.refused, EXIT.unreachable, EXIT.tampered],
  }).action(async (options: AuditVerifyOptions) => finish(await auditVerify(context, options)));

  const showing = common(audit.command('show'))
    .summary('print the entries of the audit log')
    .description('Prints the entries of the audit log, oldest first.')
    .option('--request <id>', 'those about one request')
    .option('--kind <kind>', 'those of one kind, such as approval-added')
    .option('--after <seq>', 'those behind this one', '0')
    .option('--limit <n>', 'at most so many', '10000')
    .option('--newest', 'the newest first');
  teach(showing, {
    examples: ['audit show --request 7k2m9x4qw8rt', 'audit show --newest --limit 20'],
    exits: REMOTE,
  }).action(async (options: AuditShowOptions) => finish(await auditShow(context, options)));
}
