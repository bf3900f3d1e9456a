import { type Command, Option } from 'commander';
import { REPORT_KEYS } from '../../shared/messages/index.ts';
import { FILTER_HELP } from '../views/index.ts';
import { collect } from './collect.ts';
import { common } from './command-options.ts';
import { type AbortOptions, abort } from './commands/abort.ts';
import { type HistoryOptions, history } from './commands/history.ts';
import { type ReportOptions, report } from './commands/report.ts';
import { type ActOptions, pause, promote, type RetryOptions, resume, retry } from './commands/rollout.ts';
import { timeline } from './commands/timeline.ts';
import { UNTIL } from './commands/until.ts';
import { type WatchOptions, watch } from './commands/watch.ts';
import type { CliContext, CommonOptions } from './context.ts';
import { confirmed } from './decide-program.ts';
import { EXIT } from './exit-codes.ts';
import type { Finish } from './program.ts';
import { REMOTE, STANDING, teach } from './teach.ts';

/** The command that follows a request. */
export function addWatchCommand(program: Command, context: CliContext, finish: Finish): void {
  const command = common(program.command('watch'))
    .summary('follow a request until it is over')
    .description('Follows a request until it is over, and prints how its hosts ended.')
    .argument('<id>', 'request id')
    .addOption(
      new Option(
        '--until <what>',
        'end as soon as that is so, or only a person can say how it goes on',
      ).choices(UNTIL),
    );
  teach(command, {
    notes: [
      'Without --until it goes on through pauses. A wave has its bar, its counts and the limits of its gate.',
      'Ctrl-C ends watching, and nothing else: farcall abort stops the request.',
    ],
    examples: [
      'watch 7k2m9x4qw8rt',
      'watch 7k2m9x4qw8rt --until promotion && farcall promote 7k2m9x4qw8rt --yes --reason canary-ok',
      'watch 7k2m9x4qw8rt --json | jq -c \'select(.event == "host") | [.host, .outcome]\'',
    ],
    exits: [...STANDING, EXIT.interrupted],
  }).action(async (id: string, options: WatchOptions) => finish(await watch(context, id, options)));
}

/** The commands that tell what became of requests. */
export function addReportCommands(program: Command, context: CliContext, finish: Finish): void {
  addReport(program, context, finish);
  addPast(program, context, finish);
}

function addReport(program: Command, context: CliContext, finish: Finish): void {
  const command = common(program.command('report'))
    .summary('how a request stands: sums, groups, hosts')
    .description('Prints or exports how a request stands: its sums, and its hosts in groups or one by one.')
    .argument('<id>', 'request id')
    .option('--group-by <keys>', `some of ${REPORT_KEYS.join(',')}`)
    .option('--filter <key=value>', FILTER_HELP, collect, [])
    .addOption(
      new Option('--format <format>', 'for people, JSON lines, or CSV (RFC 4180)')
        .choices(['table', 'jsonl', 'csv'])
        .default('table'),
    )
    .option('--output <file>', 'write into this file (0600), which must not exist');
  teach(command, {
    notes: [
      'A table has a line for each host where they are few, and groups where they are many or --group-by is given.',
      'jsonl and csv have every host that fits, or with --group-by every group. What a host says is decoded from the',
      'bytes that it signed, and marked (saidBy); groups and sums are counted by the controller, and the sums are',
      'checked here. Signatures of hosts are verified by farcall audit verify.',
      'In CSV, a cell that a spreadsheet would take for a formula begins with an apostrophe.',
    ],
    examples: [
      'report 7k2m9x4qw8rt --group-by outcome,kernel',
      'report 7k2m9x4qw8rt --filter outcome=load-error,unreachable --filter wave=2',
      'report 7k2m9x4qw8rt --format csv --output hosts.csv',
    ],
    exits: STANDING,
  }).action(async (id: string, options: ReportOptions) => finish(await report(context, id, options)));
}

function addPast(program: Command, context: CliContext, finish: Finish): void {
  const past = common(program.command('history'))
    .summary('past requests with where their hosts ended')
    .description('Lists requests with where their hosts ended, the newest first.')
    .option('--requester <requester>', 'by this person')
    .option('--since <time>', 'made in the last 7d, or since a day (2027-01-31, UTC)')
    .option('--state <states>', 'in one of these states, such as finished,aborted', collect, [])
    .option('--limit <n>', 'at most so many', '50');
  teach(past, {
    examples: ['history --since 7d --state finished', 'history --requester alice --since 2027-01-31 --json'],
    exits: REMOTE,
  }).action(async (options: HistoryOptions) => finish(await history(context, options)));
  const moments = common(program.command('timeline'))
    .summary('what became of a request, moment by moment')
    .description('Prints what became of a request, from the log: decisions, waves, answers, pauses, the end.')
    .argument('<id>', 'request id');
  teach(moments, {
    notes: [
      "It is the controller's word; farcall audit verify proves it. farcall audit show has every entry.",
    ],
    examples: ['timeline 7k2m9x4qw8rt', "timeline 7k2m9x4qw8rt --json | jq -r '.text'"],
    exits: REMOTE,
  }).action(async (id: string, options: CommonOptions) => finish(await timeline(context, id, options)));
}

const ASKING =
  'It says which waves and hosts it is about and asks; for more than 100 hosts the number is to be typed.';

/** What a person says to a rollout, with `--reason`. */
export function addRolloutCommands(program: Command, context: CliContext, finish: Finish): void {
  const pausing = acting(program.command('pause'))
    .summary('halt a rollout: no further wave begins')
    .description('Halts a rollout at once: no further wave begins; hosts that have the order go on.');
  teach(pausing, {
    notes: ['It does not ask: whoever sees smoke need not read first.'],
    examples: ["pause 7k2m9x4qw8rt --reason 'web-1 looks odd'", 'pause 7k2m9x4qw8rt --reason smoke --json'],
    exits: REMOTE,
  }).action(async (id: string, options: ActOptions) => finish(await pause(context, id, options)));

  const resuming = asking(acting(program.command('resume')))
    .summary('have a rollout go on')
    .description('Has a rollout go on that was paused, or whose gate a retry has mended.');
  teach(resuming, {
    notes: [ASKING],
    examples: [
      "resume 7k2m9x4qw8rt --reason 'web-1 was something else'",
      "resume 7k2m9x4qw8rt --reason 'retried' --yes --json",
    ],
    exits: [...REMOTE, EXIT.declined],
  }).action(async (id: string, options: ActOptions) => finish(await resume(context, id, options)));

  const promoting = asking(acting(program.command('promote')))
    .summary('send the wave that waits for a person')
    .description('Sends the wave that waits for a person.');
  teach(promoting, {
    notes: [ASKING],
    examples: [
      "promote 7k2m9x4qw8rt --reason 'canaries are well'",
      'promote 7k2m9x4qw8rt --reason canary-ok --yes',
    ],
    exits: [...REMOTE, EXIT.declined],
  }).action(async (id: string, options: ActOptions) => finish(await promote(context, id, options)));
  addRetry(program, context, finish);
  addAbort(program, context, finish);
}

function addRetry(program: Command, context: CliContext, finish: Finish): void {
  const command = asking(acting(program.command('retry')))
    .summary('have hosts on which nothing ran try again')
    .description('Has hosts on which nothing ran try again, into the same report.')
    .requiredOption('--only <outcomes>', 'hosts that ended so, such as unreachable,load-error');
  teach(command, {
    notes: [ASKING],
    examples: [
      "retry 7k2m9x4qw8rt --only unreachable,load-error --reason 'modules.sig_enforce is off now'",
      'retry 7k2m9x4qw8rt --only unreachable --reason back --yes --json',
    ],
    exits: [...REMOTE, EXIT.declined],
  }).action(async (id: string, options: RetryOptions) => finish(await retry(context, id, options)));
}

function addAbort(program: Command, context: CliContext, finish: Finish): void {
  const command = confirmed(program.command('abort'))
    .summary('stop a request wherever it has not started')
    .description('Stops a request on every host that has not started it; calls that run are not ended.')
    .requiredOption('--reason <text>', 'why; signed with it');
  teach(command, {
    notes: ['Its requester and every approver may. Each host checks the abort itself, and remembers it.'],
    examples: [
      "abort 7k2m9x4qw8rt --reason 'web-1 hangs'",
      "abort 7k2m9x4qw8rt --reason 'web-1 hangs' --yes",
    ],
    exits: [...REMOTE, EXIT.declined],
  }).action(async (id: string, options: AbortOptions) => finish(await abort(context, id, options)));
}

function acting(command: Command): Command {
  return common(command)
    .argument('<id>', 'request id')
    .requiredOption('--reason <text>', 'why; the log keeps it');
}

function asking(command: Command): Command {
  return command.option('--yes', 'do it without asking, for scripts');
}
