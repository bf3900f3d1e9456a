import { FarcallError } from '../../../../shared/errors/index.ts';
import { exceedsEffect, type PlanDraft, planDraftCodec } from '../../../../shared/messages/index.ts';
import { parseDuration, type ReadPlan, readPlan } from '../../../views/index.ts';
import { checkDraft } from '../../core/index.ts';
import {
  hasLibraryOf,
  isConfirmation,
  isProgramOf,
  type ProgramText,
  releasedLibraryOf,
} from '../../interaction/index.ts';
import { redWords, renderPlan } from '../../output/index.ts';
import type { CliContext, CommonOptions, Session } from '../../session/index.ts';
import { fuelOption, PLANNING_OPTIONS, type PlanningOptions, valuesOption } from './planning-options.ts';

/** A plan, and the text of the program that it is of. */
export interface PlanWithProgram {
  readonly read: ReadPlan;
  readonly text: string;
}

/** How long the controller may take beyond the waiting time for hosts, in milliseconds. */
const ANSWER_LIMIT_MS = 15_000;

/**
 * Makes and shows a plan. If the program compiles on no kernel and was written in an editor, the operator may
 * edit it again, as often as they like.
 */
export async function planWithEdits(
  context: CliContext,
  session: Session,
  program: ProgramText,
  options: PlanningOptions & CommonOptions,
): Promise<PlanWithProgram> {
  const { terminal } = context;
  let text = program.text;
  for (;;) {
    const read = await makePlan(session, text, options);
    // With --json, stdout is for the answer.
    if (!options.json)
      for (const line of renderPlan(read, terminal.columns, redWords(terminal.hasColours)))
        terminal.print(line);
    const problems = problemsOnEveryKernel(read);
    if (!program.editAgain || problems.length === 0) return { read, text };
    const prompt = { text: 'It compiles on no kernel. Edit it again', identity: session.identity };
    if (!(await isConfirmation(context, {}, prompt))) return { read, text };
    const edited = program.editAgain(problems);
    if (edited === '') return { read, text };
    text = edited;
  }
}

/**
 * Why the program compiles on none of the kernels that answered, each reason once. Empty if it compiles on
 * one of them.
 */
function problemsOnEveryKernel({ replies }: ReadPlan): readonly string[] {
  const errors = [...replies.values()].map(({ error }) => error);
  if (!errors.every(error => error?.outcome === 'compile-error' || error?.outcome === 'not-applicable'))
    return [];
  return [...new Set(errors.map(error => error?.message ?? ''))].flatMap(message => message.split('\n'));
}

async function makePlan(
  { client, identity }: Session,
  program: string,
  options: PlanningOptions,
): Promise<ReadPlan> {
  const draft = planDraftFrom(program, options);
  for await (const event of client.stream('planCall', draft, draft.waitMs + ANSWER_LIMIT_MS)) {
    if (!event.plan) continue;
    const read = readPlan(event.plan);
    refuseOtherPlan(read, draft, identity.name);
    return read;
  }
  throw new FarcallError('UNREACHABLE', 'the controller ended the call without a plan');
}

function planDraftFrom(program: string, options: PlanningOptions): PlanDraft {
  const draft = {
    program,
    ...releasedLibraryOf(program),
    selector: options.hosts,
    ...(options.effect !== undefined && { effect: options.effect }),
    ...(options.indirectCalls && { indirectCalls: true }),
    ...fuelOption(options),
    ...valuesOption(options),
    policy: options.policy,
    timeoutMs: parseDuration('--timeout', options.timeout),
    perKernel: Number(options.perKernel),
    hosts: [...options.ask],
    waitMs: parseDuration('--wait', options.wait),
  };
  return checkDraft(planDraftCodec, draft, PLANNING_OPTIONS);
}

/** Threat: a controller has hosts plan another program than the one that the operator sent. */
function refuseOtherPlan({ plan, query }: ReadPlan, draft: PlanDraft, name: string): void {
  const isSame =
    query.requester === name &&
    isProgramOf(draft.program, query.program) &&
    hasLibraryOf(draft, query) &&
    plan.selector === draft.selector &&
    (draft.effect === undefined || !exceedsEffect(draft.effect, query.effect)) &&
    (query.indirectCalls ?? false) === (draft.indirectCalls ?? false) &&
    query.policy === draft.policy &&
    query.timeoutMs === draft.timeoutMs &&
    query.fuel === draft.fuel &&
    query.values === draft.values;
  if (!isSame)
    throw new FarcallError('CONFLICT', 'the controller made a plan of something else than what was sent');
}
