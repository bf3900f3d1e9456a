import { type Command, Option } from 'commander';
import { EFFECTS, POLICIES } from '../../shared/messages/index.ts';
import { collect } from './collect.ts';
import { common } from './command-options.ts';
import { type PlanOptions, plan } from './commands/plan.ts';
import { type RequestOptions, request } from './commands/request.ts';
import type { CliContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import type { Finish } from './program.ts';
import { REMOTE, teach } from './teach.ts';

const WRITING = [
  'Without a program, your editor (VISUAL, EDITOR) opens; what you write there is kept until it is asked for.',
  'farcall help programs, farcall help selectors and farcall help waves say what these may be.',
];

/** The commands that ask for something, or ask what it would do. */
export function addAskCommands(program: Command, context: CliContext, finish: Finish): void {
  addRequest(program, context, finish);
  addPlan(program, context, finish);
}

function addRequest(program: Command, context: CliContext, finish: Finish): void {
  const command = planning(common(program.command('request')))
    .summary('ask for a call; nothing runs before it is approved')
    .description('Asks for a call, after a plan. Nothing runs before enough approvers have signed it.')
    .argument('[program]', 'the call program, C; - reads it from stdin')
    .option('--file <file>', 'read the program from a file')
    .requiredOption('--reason <text>', 'why, for the approvers')
    .option('--expires <duration>', 'no host starts it later than this', '1h')
    .option('--late-joiners', 'hosts that are enrolled later, and that --hosts means, may run it too')
    .option('--no-plan', 'do not ask hosts first what it would do there')
    .option('--yes', 'do not ask where nobody need approve it, for scripts on a terminal')
    .option(
      '--wave <wave>',
      'the next wave: 5, 10% of all hosts, rest, role=canary, or 5 of role=canary; may be repeated',
      collect,
      [],
    )
    .option('--bake <duration>', 'wait and look so long after the last answer of each wave')
    .option('--manual', 'each next wave waits for farcall promote')
    .option('--max-failed <n>', 'more failed hosts in a wave stop the rollout; 0 where no limit is given')
    .option('--max-failed-share <share>', 'a larger share of failed hosts in a wave stops it, such as 1%')
    .option(
      '--answer-within <duration>',
      'who is silent then is unreachable; --timeout and 1m where not given',
    );
  teach(command, {
    notes: WRITING,
    examples: [
      "request '_printk(\"Hello, world %d\\n\", 1234)' --hosts env=demo --reason 'say hello'",
      "request --file wake.c --hosts host=web-1 --reason 'INC-17: wake a stuck task' --expires 10m",
      'request --file fix.c --hosts env=prod --reason CVE-1 --expires 6h --bake 5m \\\n' +
        "--wave 'role=canary; bake 30m; manual' --wave 10% --wave rest --max-failed-share 1%",
    ],
    exits: [...REMOTE, EXIT.declined],
  }).action(async (text: string | undefined, options: RequestOptions) =>
    finish(await request(context, text, options)),
  );
}

function addPlan(program: Command, context: CliContext, finish: Finish): void {
  const command = planning(common(program.command('plan')))
    .summary('ask hosts what a program would do; nothing is run')
    .description(
      'Asks some hosts of each kernel what a program would do there. Nothing is run, and nobody need approve.',
    )
    .argument('[program]', 'the call program, C; - reads it from stdin')
    .option('--file <file>', 'read the program from a file');
  teach(command, {
    notes: [...WRITING, 'Ends with 3 where a kernel did not answer or would not run it.'],
    examples: [
      "plan 'wake_up_process(find_task(4242))' --hosts 'env=prod,!canary'",
      "plan --file wake.c --hosts 'kernel~6.1|6.12' --per-kernel 2 --json",
      'plan --hosts @web-1',
    ],
    exits: [EXIT.hostsFailed, ...REMOTE, EXIT.declined],
  }).action(async (text: string | undefined, options: PlanOptions) =>
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
