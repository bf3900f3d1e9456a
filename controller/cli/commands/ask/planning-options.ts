import { type Command, Option } from 'commander';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { parameterValuesText } from '../../../../shared/library/index.ts';
import { EFFECTS, POLICIES } from '../../../../shared/messages/index.ts';
import { collect } from '../../core/index.ts';

/** How a plan is made. `farcall request` has these options too, because it makes a plan first. */
export interface PlanningOptions {
  readonly hosts: string;
  readonly effect?: string;
  readonly indirectCalls?: boolean;
  readonly policy: string;
  readonly timeout: string;
  readonly fuel?: string;
  readonly set: readonly string[];
  readonly perKernel: string;
  readonly ask: readonly string[];
  readonly wait: string;
}

/** What is typed for each member of a draft. */
export const PLANNING_OPTIONS = {
  program: 'the program',
  library: 'the library',
  selector: '--hosts',
  policy: '--policy',
  effect: '--effect',
  indirectCalls: '--indirect-calls',
  timeoutMs: '--timeout',
  fuel: '--fuel',
  values: '--set',
  perKernel: '--per-kernel',
  hosts: '--ask',
  waitMs: '--wait',
} as const;

/** Notes in the help of the commands that take a program. */
export const PROGRAM_NOTES = [
  'If you give no program, your editor opens (VISUAL, EDITOR). Your text is kept until it has been sent.',
  'See also: farcall help programs, farcall help selectors, farcall help waves.',
];

/** The member `fuel` of a draft; its schema refuses what is not a number of turns. */
export function fuelOption({ fuel }: PlanningOptions): { readonly fuel?: number } {
  return fuel === undefined ? {} : { fuel: Number(fuel.replaceAll(/[,_]/g, '')) };
}

/**
 * The member `values` of a draft, from `--set PID=42`. Throws CONFIG_INVALID for what is not of that form, or
 * comes twice. What each may be is the program's to say, and each host verifies it.
 */
export function valuesOption({ set }: PlanningOptions): { readonly values?: string } {
  const values = new Map<string, string>();
  for (const each of set) {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(each) ?? [];
    if (name === undefined || value === undefined || values.has(name))
      throw new FarcallError(
        'CONFIG_INVALID',
        `--set takes PARAMETER=VALUE, each parameter once, and not '${each}'`,
      );
    values.set(name, value);
  }
  return values.size === 0 ? {} : { values: parameterValuesText(values) };
}

/** Adds the program, its hosts and the options of its plan. */
export function withPlanningOptions(command: Command): Command {
  return withCallOptions(
    command
      .argument('[program]', 'the C program; - reads it from stdin')
      .option('--file <file>', 'read the program from a file')
      .requiredOption('--hosts <selector>', HOSTS_HELP),
  )
    .option('--indirect-calls', 'it may call functions through pointers, where the host policy allows that')
    .option('--fuel <turns>', 'how often its loops may turn in all; without it 10,000,000')
    .option(
      '--set <parameter=value>',
      'the value of a parameter of the program; may be repeated',
      collect,
      [],
    );
}

const HOSTS_HELP = 'the hosts: env=prod,kernel~6.1,!canary; @NAME for one host; * for all';

/** Adds the options of a call whose program is not typed, and of its plan. */
export function withCallOptions(command: Command): Command {
  return command
    .addOption(new Option('--policy <name>', 'the policy').choices(POLICIES).default('standard'))
    .addOption(
      new Option(
        '--effect <effect>',
        'declare at least this effect; without it, what the program does is declared',
      ).choices(EFFECTS),
    )
    .option('--timeout <duration>', 'a call that takes longer ends as timed-out', '30s')
    .option('--per-kernel <n>', 'how many hosts of each kernel build to ask for the plan', '1')
    .option(
      '--ask <host>',
      'ask this host for the plan, instead of hosts of each kernel build; may be repeated',
      collect,
      [],
    )
    .option('--wait <duration>', 'how long to wait for the plan', '10s');
}
