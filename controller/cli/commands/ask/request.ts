import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { FarcallError, toFarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import {
  type CallDraft,
  type CallRequest,
  callDraftCodec,
  callRequestCodec,
  exceedsEffect,
} from '../../../../shared/messages/index.ts';
import { digestText, requireSite, sha256, signToken } from '../../../../shared/tokens/index.ts';
import {
  digestHex,
  hostCount,
  parseDuration,
  type ReadPlan,
  type ReadRequest,
  readRequestView,
  requestToJson,
} from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  checkDraft,
  EXIT,
  type ExitCode,
  fetchNewestBundle,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import {
  hasLibraryOf,
  isConfirmation,
  isProgramOf,
  type ProgramText,
  releasedLibraryOf,
  withProgram,
} from '../../interaction/index.ts';
import {
  INDIRECT_CALLS_TEXT,
  redWords,
  renderPlan,
  renderRequestDraft,
  renderRollout,
  waveHosts,
  wrapValue,
} from '../../output/index.ts';
import {
  type CliContext,
  type CommonOptions,
  type Session,
  type Terminal,
  withSession,
} from '../../session/index.ts';
import { lockedLines } from './locked-hosts.ts';
import { isWorthAsking } from './no-kernel-runs.ts';
import { planWithEdits } from './plan-with-edits.ts';
import {
  fuelOption,
  PLANNING_OPTIONS,
  type PlanningOptions,
  PROGRAM_NOTES,
  valuesOption,
  withPlanningOptions,
} from './planning-options.ts';
import { type RolloutOptions, rolloutFrom, withRolloutOptions } from './rollout-options.ts';

/** How a request is made. */
export interface RequestOptions extends CommonOptions, PlanningOptions, RolloutOptions {
  readonly file?: string;
  readonly reason: string;
  readonly expires: string;
  readonly lateJoiners?: boolean;
  /** False for --no-plan. */
  readonly plan: boolean;
  readonly yes?: boolean;
}

/** `farcall request`. */
export const addRequest: AddCommand = (parent, context, exitWith) => {
  const command = withRequestOptions(
    withPlanningOptions(withOperatorOptions(parent.command('request')))
      .summary('request a call; it runs once it is approved')
      .description('Makes a plan and then a request. Nothing runs before enough approvers have signed it.'),
  );
  addHelp(withRolloutOptions(command), {
    notes: PROGRAM_NOTES,
    examples: [
      "request '_printk(\"Hello, world %d\\n\", 1234)' --hosts env=demo --reason 'say hello'",
      "request --file wake.c --hosts host=web-1 --reason 'INC-17: wake a stuck task' --expires 10m",
      'request --file fix.c --hosts env=prod --reason CVE-1 --expires 6h --bake 5m \\\n' +
        "--wave 'role=canary; bake 30m; manual' --wave 10% --wave rest --max-failed-share 1%",
    ],
    exits: [...REMOTE_EXITS, EXIT.declined],
  }).action(async (program: string | undefined, options: RequestOptions) =>
    exitWith(await request(context, program, options)),
  );
};

async function request(
  context: CliContext,
  argument: string | undefined,
  options: RequestOptions,
): Promise<ExitCode> {
  return withProgram(context, { argument, file: options.file }, program => {
    // Wrong options are reported before the controller is called.
    draftFrom(program.text, options);
    return withSession(context, options, session => planAndRequest(context, session, program, options));
  });
}

/** The options of each request. */
export function withRequestOptions(command: Command): Command {
  return command
    .requiredOption('--reason <text>', 'the reason, for the approvers')
    .option('--expires <duration>', 'no host starts the request after this time', '1h')
    .option('--late-joiners', 'hosts that are enrolled later and match --hosts may run it too')
    .option('--no-plan', 'make the request without a plan')
    .option('--yes', 'do not ask, even if no kernel would run it or no approval is needed; for scripts');
}

/**
 * Makes a plan and then the request. Hosts that do not answer the plan, or would refuse, do not stop the
 * request. The plan, which approvers see too, says so.
 */
export async function planAndRequest(
  context: CliContext,
  session: Session,
  program: ProgramText,
  options: RequestOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  const { client } = session;
  const planned = options.plan
    ? await planWithEdits(context, session, program, options).catch(explainNoPlan)
    : undefined;
  const plan = planned?.read;
  if (plan && options.json) for (const line of renderPlan(plan, terminal.columns)) terminal.warn(line);
  else if (plan) terminal.print('');
  const draft = draftFrom(planned?.text ?? program.text, options);
  const input = { ...draft, ...(plan && { planId: plan.view.id }) };
  const reply = await client.call('prepareRequest', input);
  const { request: bytes, problems } = reply;
  const prepared = checkedRequest(session, bytes, { draft, plan });
  for (const line of lockedLines(reply, terminal.columns)) terminal.warn(line);
  const { yes } = options;
  const isMade =
    (await isWorthAsking(context, session, { plan, problems, yes })) &&
    (await mayRunAtOnce(context, session, { prepared, plan, yes }));
  if (!isMade) {
    terminal.warn('No request was made.');
    return EXIT.declined;
  }
  const token = await signRequest(context, session, { bytes, request: prepared });
  const read = readRequestView(await client.call('createRequest', { request: bytes, token }));
  if (!Buffer.from(read.view.request).equals(bytes))
    throw new FarcallError(
      'CONFLICT',
      'the controller replied with another request than the one that you signed',
    );
  if (options.json) terminal.print(asciiJson(requestToJson(read)));
  else printCreated(terminal, read, draft);
  return EXIT.ok;
}

interface PreparedRequest {
  readonly prepared: CallRequest;
  readonly plan: ReadPlan | undefined;
  readonly yes?: boolean | undefined;
}

/**
 * Whether to make the request. A request that needs no approval runs at once, so it is shown, and the
 * operator must confirm it. Only reads can need no approval. Without a terminal, the command itself is the
 * confirmation.
 */
async function mayRunAtOnce(
  context: CliContext,
  { client, identity }: Session,
  { prepared, plan, yes }: PreparedRequest,
): Promise<boolean> {
  const { terminal } = context;
  if (prepared.effect !== 'read' || yes || !terminal.canAsk) return true;
  const { bundle } = await fetchNewestBundle(client);
  if (bundle.thresholds[prepared.policy]?.read !== 0) return true;
  const paint = redWords(terminal.hasColours);
  const style = { columns: terminal.columns, paint };
  for (const line of renderRequestDraft(prepared, plan?.plan.kernels ?? [], style)) terminal.print(line);
  const { expectedHosts: hosts } = prepared;
  return isConfirmation(
    context,
    {},
    {
      ...{ text: 'This needs no approval. Run it now', identity },
      ...(hosts !== undefined && { hosts }),
    },
  );
}

/** The request in the bytes that the controller prepared, if it is what was asked for. */
function checkedRequest(
  { identity: { name, site } }: Session,
  bytes: Uint8Array,
  sent: Pick<SentRequest, 'draft' | 'plan'>,
): CallRequest {
  const request = callRequestCodec.decode(bytes);
  requireSite(`request ${request.id}`, request.site, site);
  refuseOtherRequest(request, { ...sent, name });
  return request;
}

/** The operator's signature over the bytes of a request that was checked. */
async function signRequest(
  { clock }: CliContext,
  { identity: { name: iss, site }, key }: Session,
  { bytes, request }: { readonly bytes: Uint8Array; readonly request: CallRequest },
): Promise<string> {
  const iat = Math.floor(clock.nowMs() / 1000);
  const exp = Math.ceil(request.expiresAtMs / 1000);
  return signToken('request', { iss, site, iat, exp, req: digestText(sha256(bytes)) }, key);
}

/** What is typed for each member of a draft. */
const DRAFT_OPTIONS = {
  ...PLANNING_OPTIONS,
  reason: '--reason',
  lifetimeMs: '--expires',
  lateJoiners: '--late-joiners',
  rollout: '--wave',
};

/** The draft of the request, checked against its schema before anything is sent. */
function draftFrom(program: string, options: RequestOptions): CallDraft {
  const timeoutMs = parseDuration('--timeout', options.timeout);
  const rollout = rolloutFrom(options, timeoutMs);
  const draft = {
    program,
    ...releasedLibraryOf(program),
    selector: options.hosts,
    reason: options.reason,
    ...(options.lateJoiners && { lateJoiners: true }),
    policy: options.policy,
    ...(options.effect !== undefined && { effect: options.effect }),
    ...(options.indirectCalls && { indirectCalls: true }),
    ...fuelOption(options),
    ...valuesOption(options),
    lifetimeMs: parseDuration('--expires', options.expires),
    timeoutMs,
    ...(rollout && { rollout }),
  };
  return checkDraft(callDraftCodec, draft, DRAFT_OPTIONS);
}

/** If hosts cannot be asked for a plan now, the error says how to make the request without one. */
function explainNoPlan(thrown: unknown): never {
  const { code, message } = toFarcallError(thrown);
  if (code !== 'UNREACHABLE' && code !== 'RATE_LIMITED') throw thrown;
  throw new FarcallError(code, `no plan can be made (--no-plan goes on without one): ${message}`, {
    cause: thrown,
  });
}

interface SentRequest {
  readonly draft: CallDraft;
  readonly plan: ReadPlan | undefined;
  readonly name: string;
}

/**
 * Throws CONFLICT if the controller prepared another request than the operator sent; then it is not signed.
 *
 * Threat: a controller makes another request of a draft, for approvers who trust the requester: another
 * program, more hosts, or waves without a gate. It may only add lines of its prelude before the program,
 * which approvers see, and declare a larger effect, for which no fewer people have to approve. Every member
 * of a draft is listed here, or this does not compile.
 */
function refuseOtherRequest(made: CallRequest, { draft, plan, name }: SentRequest): void {
  const same: Readonly<Record<keyof CallDraft | 'requester', boolean>> = {
    requester: made.requester === name,
    program: isProgramOf(draft.program, made.program),
    library: hasLibraryOf(draft, made),
    selector: made.selector === draft.selector,
    reason: made.reason === draft.reason,
    policy: made.policy === draft.policy,
    effect: draft.effect === undefined || !exceedsEffect(draft.effect, made.effect),
    indirectCalls: (made.indirectCalls ?? false) === (draft.indirectCalls ?? false),
    lifetimeMs: made.expiresAtMs - made.createdAtMs === draft.lifetimeMs,
    timeoutMs: made.timeoutMs === draft.timeoutMs,
    fuel: made.fuel === draft.fuel,
    values: made.values === draft.values,
    rollout: isDeepStrictEqual(made.rollout, draft.rollout),
    lateJoiners: (made.lateJoiners ?? false) === (draft.lateJoiners ?? false),
    planId: Buffer.from(made.planDigest ?? []).equals(plan?.digest ?? new Uint8Array()),
  };
  const others = Object.entries(same).flatMap(([member, isSame]) => (isSame ? [] : [member]));
  if (others.length === 0) return;
  throw new FarcallError(
    'CONFLICT',
    `the controller prepared another request than was sent: its ${others.join(', ')} ` +
      `${others.length === 1 ? 'differs' : 'differ'}. It was not signed, so it does not exist`,
  );
}

function printCreated(terminal: Terminal, read: ReadRequest, draft: CallDraft): void {
  const { columns } = terminal;
  if (read.request.indirectCalls)
    for (const line of wrapValue(`  ${INDIRECT_CALLS_TEXT}`, { columns, hang: 10 }))
      terminal.print(redWords(terminal.hasColours)(line));
  for (const line of createdText(read, draft).flatMap(each => wrapValue(each, { columns, hang: 10 })))
    terminal.print(line);
}

function createdText({ view, request: made, digest }: ReadRequest, draft: CallDraft): string[] {
  const { waves = [] } = view.rollout ?? {};
  const next =
    view.state === 'pending'
      ? `  next    ${view.threshold} approvers run: farcall approve ${made.id}`
      : `  state   ${view.state}`;
  return [
    `Request ${made.id} for ${hostCount(view.expectedHosts)}`,
    `  digest  ${digestHex(digest)}`,
    ...(made.effect === draft.effect ? [] : [`  effect  ${made.effect}`]),
    ...(made.rollout ? renderRollout(made) : []),
    ...(waves.length > 1 ? [`  waves   ${waveHosts(waves)}`] : []),
    next,
    `  then    farcall watch ${made.id}`,
  ];
}
