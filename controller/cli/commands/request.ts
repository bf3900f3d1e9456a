import { isDeepStrictEqual } from 'node:util';
import { FarcallError, toFarcallError } from '../../../shared/errors/index.ts';
import { asciiJson } from '../../../shared/json/index.ts';
import { type CallDraft, callDraftCodec } from '../../../shared/messages/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../context.ts';
import { parseDuration } from '../duration.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { renderPlan } from '../output/plan-text.ts';
import type { ReadPlan } from '../output/read-plan.ts';
import { digestHex, hostCount, type ReadRequest, readRequestView } from '../output/request-text.ts';
import { renderRollout, waveHosts } from '../output/rollout-text.ts';
import { requestToJson } from '../output/to-json.ts';
import { type RolloutOptions, rolloutFrom } from '../rollout-flags.ts';
import type { Terminal } from '../terminal.ts';
import { makePlan, type PlanningOptions } from './plan.ts';
import { isProgramOf, readProgram } from './read-program.ts';

/** Options of `farcall request`. */
export interface RequestOptions extends CommonOptions, PlanningOptions, RolloutOptions {
  readonly file?: string;
  readonly reason: string;
  readonly expires: string;
  readonly lateJoiners?: boolean;
  /** False for --no-plan. */
  readonly plan: boolean;
}

/**
 * Asks for a call; prints what hosts say that it would do, which approvers will see too, and the id that they need. Hosts
 * that do not answer, or would refuse it, do not stop the request: the plan says so.
 */
export async function request(
  context: CliContext,
  program: string | undefined,
  options: RequestOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  const draft = draftFrom(await readProgram(terminal, program, options.file), options);
  return withSession(context, options, async session => {
    const { client, identity } = session;
    const plan = options.plan ? await planFirst(context, session, draft, options) : undefined;
    const planned = { ...draft, ...(plan && { planId: plan.view.id }) };
    const read = readRequestView(await client.call('createRequest', planned));
    refuseOtherRequest(read, { draft, plan, name: identity.name });
    if (options.json) terminal.print(asciiJson(requestToJson(read)));
    else printCreated(terminal, read);
    return EXIT.ok;
  });
}

/** The draft as the schema has it: what is wrong is said here, before anything is sent. */
function draftFrom(program: string, options: RequestOptions): CallDraft {
  const timeoutMs = parseDuration('--timeout', options.timeout);
  const rollout = rolloutFrom(options, timeoutMs);
  const draft = {
    program,
    selector: options.hosts,
    reason: options.reason,
    ...(options.lateJoiners && { lateJoiners: true }),
    policy: options.policy,
    effect: options.effect,
    lifetimeMs: parseDuration('--expires', options.expires),
    timeoutMs,
    ...(rollout && { rollout }),
  };
  return callDraftCodec.decode(callDraftCodec.encode(draft as CallDraft));
}

async function planFirst(
  { terminal }: CliContext,
  session: Session,
  draft: CallDraft,
  options: RequestOptions,
): Promise<ReadPlan> {
  const read = await makePlan(session, draft.program, options).catch(withWayOut);
  const print = options.json ? terminal.warn : terminal.print;
  for (const line of [...renderPlan(read, terminal.columns), '']) print(line);
  return read;
}

/** Where hosts cannot be asked now, a request can be made all the same. */
function withWayOut(thrown: unknown): never {
  const { code, message } = toFarcallError(thrown);
  if (code !== 'UNREACHABLE' && code !== 'RATE_LIMITED') throw thrown;
  throw new FarcallError(code, `no plan can be made (--no-plan asks without): ${message}`, { cause: thrown });
}

interface Wanted {
  readonly draft: CallDraft;
  readonly plan: ReadPlan | undefined;
  readonly name: string;
}

/**
 * Threat: a controller that makes another request of a draft, for approvers who trust the requester. What it may add are
 * lines of its prelude, before the program; approvers see them.
 */
function refuseOtherRequest({ request: made }: ReadRequest, { draft, plan, name }: Wanted): void {
  const planDigest = Buffer.from(made.planDigest ?? []).toString('hex');
  const same =
    made.requester === name &&
    isProgramOf(draft.program, made.program) &&
    made.lateJoiners === draft.lateJoiners &&
    planDigest === Buffer.from(plan?.digest ?? []).toString('hex') &&
    made.selector === draft.selector &&
    made.reason === draft.reason &&
    made.policy === draft.policy &&
    made.effect === draft.effect &&
    made.timeoutMs === draft.timeoutMs &&
    isDeepStrictEqual(made.rollout, draft.rollout) &&
    made.expiresAtMs - made.createdAtMs === draft.lifetimeMs;
  if (!same)
    throw new FarcallError(
      'CONFLICT',
      `the controller made request ${made.id}, but not of what was asked for`,
    );
}

function printCreated(terminal: Terminal, { view, request: made, digest }: ReadRequest): void {
  terminal.print(`Request ${made.id} for ${hostCount(view.expectedHosts)}`);
  terminal.print(`  digest  ${digestHex(digest)}`);
  const { waves = [] } = view.rollout ?? {};
  if (made.rollout) for (const line of renderRollout(made)) terminal.print(line);
  if (waves.length > 1) terminal.print(`  waves   ${waveHosts(waves)}`);
  if (view.state === 'pending') {
    terminal.print(`  next    ${view.threshold} approvers run: farcall approve ${made.id}`);
  } else {
    terminal.print(`  state   ${view.state}`);
  }
  terminal.print(`  then    farcall watch ${made.id}`);
}
