import { type FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { withLibrary } from '../../shared/library/index.ts';
import {
  PLAN_ANSWERS_LIMIT,
  PLAN_REPLY_LIMIT_BYTES,
  type PlanQuery,
  type PlanReply,
  PROTOCOL_VERSION,
  planReplyCodec,
  withoutControls,
} from '../../shared/messages/index.ts';
import { renderRows } from '../../shared/rows/index.ts';
import type { HostPlan } from '../interpret/index.ts';
import { outcomeBeforeIntent } from '../outcome-of-code/index.ts';
import { checkLimits, mayCallOf, predictRefusals } from '../policy/index.ts';
import type { AuthenticQuery, QueryContext } from '../queries/index.ts';
import { signingMode } from '../signing/index.ts';
import type { ReportedKernelFacts } from '../stages/index.ts';
import { moduleLoadingProblem } from '../stages/index.ts';
import { programOnHost } from '../undo/index.ts';

/** After this many milliseconds a plan ends and reports how far it came. */
const PLAN_TIMEOUT_MS = 3000;

/**
 * As long as the name of a real module, and the same for all plans, so that equal programs on equal kernels
 * give equal modules.
 */
const MODULE_NAME = 'farcall_0000000000000000_1';

/**
 * Most items of each kind in a reply, and longest texts in characters. Items over the limit are counted,
 * texts are cut with an ellipsis.
 */
const LIMITS = {
  steps: 200,
  rows: 50,
  callees: 128,
  indirectCalls: 32,
  permitted: 16,
  answers: PLAN_ANSWERS_LIMIT,
  warnings: 20,
  refusals: 64,
  notes: 8,
};
const TEXT_LIMIT = 1024;
const ERROR_LIMIT = 4000;
const QUESTION_LIMIT = 512;

/** This host's reply to a query, as far as its policy (`plan`: none, compile or read) allows. */
export async function makeReply(asked: AuthenticQuery<PlanQuery>, context: QueryContext): Promise<PlanReply> {
  const { policy, stages } = context;
  const { query } = asked;
  const facts = stages.facts();
  const empty = emptyReply(asked, facts, context);
  try {
    if (policy.plan === 'none') return { ...empty, refusals: [PLANS_FORBIDDEN] };
    checkLimits({ request: query }, policy);
    const reads = policy.plan === 'read';
    const mayCall = mayCallOf(policy);
    const options = { moduleName: MODULE_NAME, timeoutMs: PLAN_TIMEOUT_MS, reads, mayCall, fuel: query.fuel };
    const bootId = () => stages.health().bootId;
    const program = programOnHost(withLibrary(query), { writes: context.writes, bootId });
    const plan = await stages.plan(program, options);
    return {
      ...empty,
      ...described(plan, { reads, timeoutMs: query.timeoutMs }),
      refusals: refusalsOf(plan, asked, { facts, context }),
    };
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    return {
      ...empty,
      error: { outcome: outcomeBeforeIntent(code), code, message: clip(message, ERROR_LIMIT) },
    };
  }
}

const PLANS_FORBIDDEN = {
  code: 'POLICY_REFUSED',
  message: "this host's policy (plan: none) forbids plans",
} as const;

/** The bytes of a reply. If it is too long, rows, steps, warnings and callees are dropped until it fits. */
export function encodeReply(reply: PlanReply): Uint8Array {
  let { rows, steps, warnings, callees } = reply;
  for (;;) {
    const droppedRows = reply.droppedRows + reply.rows.length - rows.length;
    const droppedSteps = reply.droppedSteps + reply.steps.length - steps.length;
    const bytes = planReplyCodec.encode({
      ...reply,
      rows,
      droppedRows,
      steps,
      droppedSteps,
      warnings,
      callees,
    });
    if (bytes.length <= PLAN_REPLY_LIMIT_BYTES) return bytes;
    if (rows.length > 0) rows = half(rows);
    else if (steps.length > 0) steps = half(steps);
    else if (warnings.length > 0) warnings = half(warnings);
    else callees = half(callees);
  }
}

function half<T>(list: T[]): T[] {
  return list.slice(0, Math.floor(list.length / 2));
}

function emptyReply(
  { digest: queryDigest }: AuthenticQuery<PlanQuery>,
  { kernelRelease, kernelVersion = '', arch }: ReportedKernelFacts,
  { identity, policy, clock }: QueryContext,
): PlanReply {
  return {
    protocol: PROTOCOL_VERSION,
    host: identity.host,
    queryDigest,
    ...{ kernelRelease, kernelVersion, arch },
    depth: policy.plan,
    refusals: [],
    callees: [],
    indirectCalls: [],
    answers: [],
    warnings: [],
    steps: [],
    droppedSteps: 0,
    rows: [],
    droppedRows: 0,
    notes: [],
    madeAtMs: clock.nowMs(),
  };
}

function described(
  plan: HostPlan,
  { reads, timeoutMs }: { readonly reads: boolean; readonly timeoutMs: number },
): Partial<PlanReply> {
  const {
    effect,
    callees,
    indirectCalls,
    watches,
    denies,
    answers,
    warnings,
    steps,
    rows,
    ending,
    notes,
    module,
  } = plan;
  const text = (from: string): string => clip(reads ? from : symbolsOnly(from), TEXT_LIMIT);
  return {
    effect,
    callees: [...denies.map(probedCallee), ...watches.map(probedCallee), ...callees]
      .slice(0, LIMITS.callees)
      .map(({ name, module: holder, prototype }) => ({
        ...(holder === undefined ? { name } : { name, module: holder }),
        prototype: clip(prototype, TEXT_LIMIT),
      })),
    indirectCalls: indirectCalls
      .slice(0, LIMITS.indirectCalls)
      .map(({ line, column, prototype, permitted }) => ({
        ...{ line, column, prototype: clip(prototype, TEXT_LIMIT) },
        permitted: permitted.slice(0, LIMITS.permitted),
        droppedPermitted: Math.max(0, permitted.length - LIMITS.permitted),
      })),
    answers: answers
      .slice(0, LIMITS.answers)
      .map(each => ({ ...each, question: clip(each.question, QUESTION_LIMIT) })),
    warnings: [...tooLong(watches, timeoutMs), ...warnings]
      .slice(0, LIMITS.warnings)
      .map(({ line, column, message }) => ({ line, column, message: clip(message, TEXT_LIMIT) })),
    steps: steps
      .slice(0, LIMITS.steps)
      .map(({ kind, line, column, text: what }) => ({ kind, line, column, text: text(what) })),
    droppedSteps: plan.droppedSteps + Math.max(0, steps.length - LIMITS.steps),
    rows: renderRows({ rows: rows.slice(0, LIMITS.rows) }, { rows: LIMITS.rows, lineChars: TEXT_LIMIT }).map(
      text,
    ),
    droppedRows: plan.droppedRows + Math.max(0, rows.length - LIMITS.rows),
    ending: { kind: ending.kind, text: text(ending.text) },
    notes: [...denies.map(deniedNote), ...notes, ...unlisted(answers.length)]
      .slice(0, LIMITS.notes)
      .map(text),
    ...(module && { module: { sizeBytes: module.bytes, sha256: module.sha256 } }),
  };
}

/**
 * A function that is watched or denied stands among those that are called, with how and for how long:
 * approvers see both in one list, and scopes are compared with both.
 */
function probedCallee({ name, module, text }: HostPlan['watches' | 'denies'][number]) {
  return { name, module, prototype: text };
}

/** What is known of a function that is denied, and what nobody can tell from here. */
function deniedNote({ name, prototype, isAwaited }: HostPlan['denies'][number]): string {
  const by = isAwaited ? ' (as the program says: its module is not loaded)' : '';
  return `denied: ${prototype ?? name}${by}. Types do not tell who calls it, nor whether its callers must look at what it returns: read them in the source`;
}

/** A call whose timeout is over is ended, and the program behind a watch does not run. */
function tooLong(watches: HostPlan['watches'], timeoutMs: number): PlanReply['warnings'] {
  return watches
    .filter(({ forMs }) => forMs >= timeoutMs)
    .map(({ line, column, forMs }) => ({
      ...{ line, column },
      message: `this watch waits up to ${forMs} ms, but the call ends by its timeout after ${timeoutMs} ms; ask with a longer --timeout`,
    }));
}

function unlisted(answers: number): string[] {
  if (answers <= LIMITS.answers) return [];
  return [`the program asks ${answers - LIMITS.answers} more questions of the kernel, which are not listed`];
}

interface Here {
  readonly facts: ReportedKernelFacts;
  readonly context: QueryContext;
}

/**
 * Why the program would not run here although it compiles: first by the host's own policy, then by the
 * kernel.
 */
function refusalsOf(
  { effect, callees, indirectCalls, watches, denies, module }: HostPlan,
  { query }: AuthenticQuery<PlanQuery>,
  { facts, context: { policy } }: Here,
): PlanReply['refusals'] {
  const called = callees.map(({ name, module: holder, prototype, aliases = [] }) => {
    return { name, module: holder, prototype, aliases };
  });
  const byPolicy = predictRefusals(
    query,
    { effect, callees: called, indirectCalls, watches, denies },
    policy,
  ).map(refusal);
  const noModule = module && moduleLoadingProblem(facts, { signed: signingMode(policy, facts) !== 'none' });
  const byKernel = noModule ? [{ code: 'MODULE_REFUSED' as const, message: noModule }] : [];
  return [...byPolicy, ...byKernel].slice(0, LIMITS.refusals);
}

function refusal({ code, message }: FarcallError): PlanReply['refusals'][number] {
  return { code, message: clip(message, ERROR_LIMIT) };
}

/** If memory was not read, an address tells no more than the symbol that it belongs to. */
function symbolsOnly(text: string): string {
  return text.replace(/0x[0-9a-f]{16} \/\* ([\w.+]+) \*\//g, '&$1');
}

/** What a host says has no control characters, so that no terminal obeys it. */
function clip(raw: string, limit: number): string {
  const text = withoutControls(raw.slice(0, limit + 1));
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
