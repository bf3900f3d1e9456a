import { FarcallError } from '../../../shared/errors/index.ts';
import { asciiJson } from '../../../shared/json/index.ts';
import { type PlanDraft, planDraftCodec } from '../../../shared/messages/index.ts';
import { parseDuration, planToJson, type ReadPlan, readPlan, wouldRunEverywhere } from '../../views/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { renderPlan } from '../output/plan-text.ts';
import { isAgreed } from './confirm.ts';
import { type GivenProgram, isProgramOf, withProgram } from './read-program.ts';

/** How a plan is to be made; options of `farcall plan`, and of `farcall request`, which makes one first. */
export interface PlanningOptions {
  readonly hosts: string;
  readonly effect: string;
  readonly policy: string;
  readonly timeout: string;
  readonly perKernel: string;
  readonly ask: readonly string[];
  readonly wait: string;
}

/** Options of `farcall plan`. */
export interface PlanOptions extends CommonOptions, PlanningOptions {
  readonly file?: string;
}

/** Time for a plan beside that for its hosts, in milliseconds. */
const ANSWER_LIMIT_MS = 15_000;

/** Asks hosts what a program would do there, and prints what they say. */
export async function plan(
  context: CliContext,
  argument: string | undefined,
  options: PlanOptions,
): Promise<ExitCode> {
  return withProgram(context, { argument, file: options.file }, program =>
    withSession(context, options, async session => {
      const { read } = await planMended(context, session, program, options);
      if (options.json) context.terminal.print(asciiJson(planToJson(read)));
      return wouldRunEverywhere(read) ? EXIT.ok : EXIT.hostsFailed;
    }),
  );
}

/** A plan, and the program that it is of. */
export interface Planned {
  readonly read: ReadPlan;
  readonly text: string;
}

/**
 * Makes and shows a plan. Where a program compiles on no kernel, who wrote it in his editor may mend it there, as often as he
 * likes.
 */
export async function planMended(
  context: CliContext,
  session: Session,
  program: GivenProgram,
  options: PlanningOptions & CommonOptions,
): Promise<Planned> {
  const { terminal } = context;
  let text = program.text;
  for (;;) {
    const read = await makePlan(session, text, options);
    // With --json, stdout is for the answer.
    if (!options.json) for (const line of renderPlan(read, terminal.columns)) terminal.print(line);
    const problems = problemsEverywhere(read);
    if (!program.mend || problems.length === 0) return { read, text };
    const question = { text: 'It compiles on no kernel. Edit it again', identity: session.identity };
    if (!(await isAgreed(context, {}, question))) return { read, text };
    const mended = program.mend(problems);
    if (mended === '') return { read, text };
    text = mended;
  }
}

/** Why no kernel that answered would compile the program, each reason once; nothing where one would. */
function problemsEverywhere({ replies }: ReadPlan): readonly string[] {
  const errors = [...replies.values()].map(({ error }) => error);
  if (!errors.every(error => error?.outcome === 'compile-error' || error?.outcome === 'not-applicable'))
    return [];
  return [...new Set(errors.map(error => error?.message ?? ''))].flatMap(message => message.split('\n'));
}

/** Has the controller make a plan; `--wait` says how long hosts have for it. */
export async function makePlan(
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
  throw new FarcallError('UNREACHABLE', 'the controller ended without a plan');
}

function planDraftFrom(program: string, options: PlanningOptions): PlanDraft {
  const draft = {
    program,
    selector: options.hosts,
    effect: options.effect,
    policy: options.policy,
    timeoutMs: parseDuration('--timeout', options.timeout),
    perKernel: Number(options.perKernel),
    hosts: [...options.ask],
    waitMs: parseDuration('--wait', options.wait),
  };
  return planDraftCodec.decode(planDraftCodec.encode(draft as PlanDraft));
}

/** Threat: a controller that has hosts judge another program than the one that is asked for. */
function refuseOtherPlan({ plan: made, query }: ReadPlan, draft: PlanDraft, name: string): void {
  const same =
    query.requester === name &&
    isProgramOf(draft.program, query.program) &&
    made.selector === draft.selector &&
    query.effect === draft.effect &&
    query.policy === draft.policy &&
    query.timeoutMs === draft.timeoutMs;
  if (!same) throw new FarcallError('CONFLICT', 'the controller made a plan, but not of what was asked for');
}
