import { type Command, Option } from 'commander';
import { REPORT_KEYS } from '../../shared/messages/index.ts';
import { collect } from './collect.ts';
import { common } from './command-options.ts';
import { type HistoryOptions, history } from './commands/history.ts';
import { type ReportOptions, report } from './commands/report.ts';
import { type ActOptions, pause, promote, type RetryOptions, resume, retry } from './commands/rollout.ts';
import { timeline } from './commands/timeline.ts';
import { UNTIL } from './commands/until.ts';
import { type WatchOptions, watch } from './commands/watch.ts';
import type { CliContext, CommonOptions } from './context.ts';
import type { Finish } from './program.ts';
import { FILTER_HELP } from './report-options.ts';

/** The commands that follow a request and tell what became of it. */
export function addReportCommands(program: Command, context: CliContext, finish: Finish): void {
  addWatch(program, context, finish);
  addReport(program, context, finish);
  addPast(program, context, finish);
}

function addWatch(program: Command, context: CliContext, finish: Finish): void {
  common(program.command('watch'))
    .description('follow a request until it is over, and print how its hosts ended')
    .argument('<id>', 'request id')
    .addOption(
      new Option(
        '--until <what>',
        'end as soon as that is so, or only a person can say how it goes on',
      ).choices(UNTIL),
    )
    .addHelpText(
      'after',
      '\nWithout --until it goes on through pauses. A wave has its bar, its counts and the limits of its gate.\n' +
        '\nExamples:\n  farcall watch 7k2m9x4qw8rt\n' +
        '  farcall watch 7k2m9x4qw8rt --until promotion && farcall promote 7k2m9x4qw8rt --yes --reason canary-ok\n' +
        '  farcall watch 7k2m9x4qw8rt --json | jq -c \'select(.event == "host") | [.host, .outcome]\'',
    )
    .action(async (id: string, options: WatchOptions) => finish(await watch(context, id, options)));
}

function addReport(program: Command, context: CliContext, finish: Finish): void {
  common(program.command('report'))
    .description('print or export how a request stands: its sums, and its hosts in groups or one by one')
    .argument('<id>', 'request id')
    .option('--group-by <keys>', `some of ${REPORT_KEYS.join(',')}`)
    .option('--filter <key=value>', FILTER_HELP, collect, [])
    .addOption(
      new Option('--format <format>', 'for people, JSON lines, or CSV (RFC 4180)')
        .choices(['table', 'jsonl', 'csv'])
        .default('table'),
    )
    .option('--output <file>', 'write into this file (0600), which must not exist')
    .addHelpText(
      'after',
      '\nA table has a line for each host where they are few, and groups where they are many or --group-by is given.\n' +
        'jsonl and csv have every host that fits, or with --group-by every group. What a host says is decoded from the\n' +
        'bytes that it signed, and marked (saidBy); groups and sums are counted by the controller, and the sums are\n' +
        'checked here. Signatures of hosts are verified by farcall audit verify.\n' +
        'In CSV, a cell that a spreadsheet would take for a formula begins with an apostrophe.\n' +
        '\nExamples:\n  farcall report 7k2m9x4qw8rt --group-by outcome,kernel\n' +
        '  farcall report 7k2m9x4qw8rt --filter outcome=load-error,unreachable --filter wave=2\n' +
        '  farcall report 7k2m9x4qw8rt --format csv --output hosts.csv',
    )
    .action(async (id: string, options: ReportOptions) => finish(await report(context, id, options)));
}

function addPast(program: Command, context: CliContext, finish: Finish): void {
  common(program.command('history'))
    .description('list requests with where their hosts ended, the newest first')
    .option('--requester <name>', 'by this person')
    .option('--since <time>', 'made in the last 7d, or since a day (2027-01-31, UTC)')
    .option('--state <states>', 'in one of these states, such as finished,aborted', collect, [])
    .option('--limit <n>', 'at most so many', '50')
    .addHelpText('after', '\nExample:\n  farcall history --since 7d --state finished --json')
    .action(async (options: HistoryOptions) => finish(await history(context, options)));
  common(program.command('timeline'))
    .description('print what became of a request, from the log: decisions, waves, answers, pauses, the end')
    .argument('<id>', 'request id')
    .addHelpText(
      'after',
      "\nIt is the controller's word; farcall audit verify proves it. farcall audit show has every entry.\n" +
        '\nExample:\n  farcall timeline 7k2m9x4qw8rt',
    )
    .action(async (id: string, options: CommonOptions) => finish(await timeline(context, id, options)));
}

/** What a person says to a rollout, with `--reason`. */
export function addRolloutCommands(program: Command, context: CliContext, finish: Finish): void {
  acting(program.command('pause'))
    .description('halt a rollout at once: no further wave begins; hosts that have the order go on')
    .addHelpText('after', "\nExample:\n  farcall pause 7k2m9x4qw8rt --reason 'web-1 looks odd'")
    .action(async (id: string, options: ActOptions) => finish(await pause(context, id, options)));
  asking(acting(program.command('resume')))
    .description('have a rollout go on that was paused, or whose gate a retry has mended')
    .addHelpText('after', "\nExample:\n  farcall resume 7k2m9x4qw8rt --reason 'web-1 was something else'")
    .action(async (id: string, options: ActOptions) => finish(await resume(context, id, options)));
  asking(acting(program.command('promote')))
    .description('send the wave that waits for a person')
    .addHelpText('after', "\nExample:\n  farcall promote 7k2m9x4qw8rt --reason 'canaries are well'")
    .action(async (id: string, options: ActOptions) => finish(await promote(context, id, options)));
  asking(acting(program.command('retry')))
    .description('have hosts on which nothing ran try again, into the same report')
    .requiredOption('--only <outcomes>', 'hosts that ended so, such as unreachable,load-error')
    .addHelpText(
      'after',
      "\nExample:\n  farcall retry 7k2m9x4qw8rt --only unreachable,load-error --reason 'modules.sig_enforce is off now'",
    )
    .action(async (id: string, options: RetryOptions) => finish(await retry(context, id, options)));
}

function acting(command: Command): Command {
  return common(command)
    .argument('<id>', 'request id')
    .requiredOption('--reason <text>', 'why; the log keeps it');
}

function asking(command: Command): Command {
  return command.option('--yes', 'do it without asking, for scripts');
}
