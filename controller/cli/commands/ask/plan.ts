import { asciiJson } from '../../../../shared/json/index.ts';
import { planToJson, wouldRunEverywhere } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { withProgram } from '../../interaction/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';
import { planWithEdits } from './plan-with-edits.ts';
import { type PlanningOptions, PROGRAM_NOTES, withPlanningOptions } from './planning-options.ts';

interface PlanCommandOptions extends CommonOptions, PlanningOptions {
  readonly file?: string;
}

/** `farcall plan`. */
export const addPlan: AddCommand = (parent, context, exitWith) => {
  const command = withPlanningOptions(withOperatorOptions(parent.command('plan')))
    .summary('ask hosts what a program would do; nothing runs')
    .description(
      'Asks some hosts of each kernel what a program would do there. Nothing runs, and no approval is needed.',
    );
  addHelp(command, {
    notes: PROGRAM_NOTES,
    examples: [
      "plan 'wake_up_process(find_task(4242))' --hosts 'env=prod,!canary'",
      "plan --file wake.c --hosts 'kernel~6.1|6.12' --per-kernel 2 --json",
      'plan --hosts @web-1',
    ],
    exits: [EXIT.hostsFailed, ...REMOTE_EXITS, EXIT.declined],
    exitMeanings: {
      [EXIT.ok]: 'every kernel that was asked answered, and would run the program',
      [EXIT.hostsFailed]: 'a kernel did not answer, or would not run the program',
    },
  }).action(async (program: string | undefined, options: PlanCommandOptions) =>
    exitWith(await plan(context, program, options)),
  );
};

async function plan(
  context: CliContext,
  argument: string | undefined,
  options: PlanCommandOptions,
): Promise<ExitCode> {
  return withProgram(context, { argument, file: options.file }, program =>
    withSession(context, options, async session => {
      const { read } = await planWithEdits(context, session, program, options);
      if (options.json) context.terminal.print(asciiJson(planToJson(read)));
      return wouldRunEverywhere(read) ? EXIT.ok : EXIT.hostsFailed;
    }),
  );
}
