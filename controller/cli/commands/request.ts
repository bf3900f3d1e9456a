import { isDeepStrictEqual } from 'node:util';
import { FarcallError, toFarcallError } from '../../../shared/errors/index.ts';
import { asciiJson } from '../../../shared/json/index.ts';
import { type CallDraft, callDraftCodec } from '../../../shared/messages/index.ts';
import {
  digestHex,
  hostCount,
  parseDuration,
  type ReadPlan,
  type ReadRequest,
  readRequestView,
  requestToJson,
} from '../../views/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { draftText } from '../output/draft-text.ts';
import { fold } from '../output/fold.ts';
import { renderPlan } from '../output/plan-text.ts';
import { renderRollout, waveHosts } from '../output/rollout-text.ts';
import { cut } from '../output/text-width.ts';
import { type RolloutOptions, rolloutFrom } from '../rollout-flags.ts';
import type { Terminal } from '../terminal.ts';
import { fetchNewest } from '../trust/index.ts';
import { isAgreed } from './confirm.ts';
import { type PlanningOptions, planMended } from './plan.ts';
import { type GivenProgram, isProgramOf, withProgram } from './read-program.ts';

/** Options of `farcall request`. */
export interface RequestOptions extends CommonOptions, PlanningOptions, RolloutOptions {
  readonly file?: string;
  readonly reason: string;
  readonly expires: string;
  readonly lateJoiners?: boolean;
  /** False for --no-plan. */
  readonly plan: boolean;
  readonly yes?: boolean;
}

const COUNT_LIMIT_MS = 60_000;

/**
 * Asks for a call; prints what hosts say that it would do, which approvers will see too, and the id that they need. Hosts
 * that do not answer, or would refuse it, do not stop the request: the plan says so.
 */
export async function request(
  context: CliContext,
  argument: string | undefined,
  options: RequestOptions,
): Promise<ExitCode> {
  return withProgram(context, { argument, file: options.file }, program => {
    // What is wrong with the options is said before anybody is asked.
    draftFrom(program.text, options);
    return withSession(context, options, session => requestHere(context, session, program, options));
  });
}

async function requestHere(
  context: CliContext,
  session: Session,
  program: GivenProgram,
  options: RequestOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  const { client, identity } = session;
  const planned = options.plan
    ? await planMended(context, session, program, options).catch(withWayOut)
    : undefined;
  const plan = planned?.read;
  if (plan && options.json) for (const line of renderPlan(plan, terminal.columns)) terminal.warn(line);
  else if (plan) terminal.print('');
  const draft = draftFrom(planned?.text ?? program.text, options);
  if (!(await isWanted(context, session, { draft, plan, yes: options.yes }))) {
    terminal.warn('Nothing is asked for.');
    return EXIT.declined;
  }
  const wanted = { ...draft, ...(plan && { planId: plan.view.id }) };
  const read = readRequestView(await client.call('createRequest', wanted));
  refuseOtherRequest(read, { draft, plan, name: identity.name });
  if (options.json) terminal.print(asciiJson(requestToJson(read)));
  else printCreated(terminal, read);
  return EXIT.ok;
}

/**
 * A request that nobody need approve runs at once: whoever makes it on a terminal is shown it, and asked. Only reads can be so;
 * where there is no terminal, the command itself is the yes.
 */
async function isWanted(
  context: CliContext,
  { client, identity }: Session,
  {
    draft,
    plan,
    yes,
  }: { readonly draft: CallDraft; readonly plan: ReadPlan | undefined; readonly yes?: boolean | undefined },
): Promise<boolean> {
  const { terminal } = context;
  if (draft.effect !== 'read' || yes || !terminal.canAsk) return true;
  const { bundle } = await fetchNewest(client);
  if (bundle.thresholds[draft.policy]?.read !== 0) return true;
  const lines = draftText(draft, plan?.plan.kernels ?? []);
  for (const line of lines) terminal.print(cut(line, terminal.columns));
  const hosts = plan?.plan.expectedHosts ?? (await countHosts(client, draft.selector));
  return isAgreed(context, {}, { text: 'Nobody need approve this: run it now', identity, hosts });
}

async function countHosts(client: Session['client'], selector: string): Promise<number> {
  let hosts = 0;
  for await (const _host of client.stream('listHosts', { selector }, COUNT_LIMIT_MS)) hosts += 1;
  return hosts;
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
 * Throws CONFLICT where the controller made another request than the one that was asked for.
 *
 * Threat: a controller that makes another request of a draft, for approvers who trust the requester: another program, more
 * hosts, waves without a gate. What it may add are lines of its prelude, before the program; approvers see them. Every member of
 * a draft is here, or this does not compile.
 */
function refuseOtherRequest({ request: made }: ReadRequest, { draft, plan, name }: Wanted): void {
  const same: Readonly<Record<keyof CallDraft | 'requester', boolean>> = {
    requester: made.requester === name,
    program: isProgramOf(draft.program, made.program),
    selector: made.selector === draft.selector,
    reason: made.reason === draft.reason,
    policy: made.policy === draft.policy,
    effect: made.effect === draft.effect,
    lifetimeMs: made.expiresAtMs - made.createdAtMs === draft.lifetimeMs,
    timeoutMs: made.timeoutMs === draft.timeoutMs,
    rollout: isDeepStrictEqual(made.rollout, draft.rollout),
    lateJoiners: (made.lateJoiners ?? false) === (draft.lateJoiners ?? false),
    planId: Buffer.from(made.planDigest ?? []).equals(plan?.digest ?? new Uint8Array()),
  };
  const others = Object.entries(same).flatMap(([member, isSame]) => (isSame ? [] : [member]));
  if (others.length === 0) return;
  throw new FarcallError(
    'CONFLICT',
    `the controller made request ${made.id}, but not of what was asked for: its ${others.join(', ')} ` +
      `${others.length === 1 ? 'differs' : 'differ'}. Tell the approvers; farcall abort ${made.id} stops it`,
  );
}

function printCreated(terminal: Terminal, read: ReadRequest): void {
  const { columns } = terminal;
  for (const line of createdText(read).flatMap(each => fold(each, { columns, hang: 10 })))
    terminal.print(line);
}

function createdText({ view, request: made, digest }: ReadRequest): string[] {
  const { waves = [] } = view.rollout ?? {};
  const next =
    view.state === 'pending'
      ? `  next    ${view.threshold} approvers run: farcall approve ${made.id}`
      : `  state   ${view.state}`;
  return [
    `Request ${made.id} for ${hostCount(view.expectedHosts)}`,
    `  digest  ${digestHex(digest)}`,
    ...(made.rollout ? renderRollout(made) : []),
    ...(waves.length > 1 ? [`  waves   ${waveHosts(waves)}`] : []),
    next,
    `  then    farcall watch ${made.id}`,
  ];
}
