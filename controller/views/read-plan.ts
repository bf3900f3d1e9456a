import { FarcallError } from '../../shared/errors/index.ts';
import {
  type Plan,
  type PlanKernel,
  type PlanQuery,
  type PlanReply,
  type PlanView,
  planCodec,
  planQueryCodec,
  planReplyCodec,
} from '../../shared/messages/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';

/** A plan, decoded from its own bytes. */
export interface ReadPlan {
  readonly view: PlanView;
  /** SHA-256 of the bytes, computed here. */
  readonly digest: Uint8Array;
  readonly plan: Plan;
  readonly query: PlanQuery;
  /** By name of the host. */
  readonly replies: ReadonlyMap<string, PlanReply>;
}

/**
 * Decodes the bytes of a plan and computes their digest. Throws CONFLICT where they are not those of
 * `digest`, and MESSAGE_INVALID.
 *
 * Threat: a controller shows approvers another plan than the one that the request names. `digest` comes from
 * the request's own bytes; with it, only the plan with exactly these bytes is shown, and its replies must
 * belong to its own query. Whether a host really replied so, only the controller says: the reader has no
 * host's key.
 */
export function readPlan(view: PlanView, digest?: Uint8Array): ReadPlan {
  const planDigest = sha256(view.plan);
  if (digest && !Buffer.from(planDigest).equals(digest))
    throw new FarcallError(
      'CONFLICT',
      'the controller sent a different plan from the one that the request names',
    );
  const plan = planCodec.decode(view.plan);
  const query = planQueryCodec.decode(plan.query);
  const queryDigest = sha256(plan.query);
  const replies = plan.replies.map(({ reply }) => planReplyCodec.decode(reply));
  for (const reply of replies) {
    if (Buffer.from(reply.queryDigest).equals(queryDigest) && query.hosts.includes(reply.host)) continue;
    throw new FarcallError('MESSAGE_INVALID', `the plan has an answer of ${reply.host} to another question`);
  }
  return {
    view,
    digest: planDigest,
    plan,
    query,
    replies: new Map(replies.map(reply => [reply.host, reply])),
  };
}

/** The reply that one or several hosts gave alike. */
export interface PlanAnswer {
  readonly hosts: readonly string[];
  /** The reply of the first of them. */
  readonly reply: PlanReply;
  /** The modules that they would load, each once. */
  readonly modules: readonly NonNullable<PlanReply['module']>[];
}

/** Kernels whose hosts replied the same. */
export interface PlanGroup {
  /** Hosts that run one of these kernels. */
  readonly hosts: number;
  readonly kernels: readonly PlanKernel[];
  /** Empty if no host replied; several if hosts of one kernel replied differently. */
  readonly answers: readonly PlanAnswer[];
}

/**
 * The kernels of a plan, grouped by their hosts' replies; the largest group first, those without a reply
 * last.
 */
export function groupPlan({ plan, replies }: ReadPlan): PlanGroup[] {
  const kernels = plan.kernels.map(kernel => {
    const ofKernel = kernel.asked.flatMap(host => replies.get(host) ?? []);
    return { kernel, ofKernel, key: [...new Set(ofKernel.map(contentOf))].sort().join('\n') };
  });
  const groups = [...Map.groupBy(kernels, ({ key }) => key).values()].map(members => ({
    hosts: members.reduce((sum, { kernel }) => sum + kernel.hosts, 0),
    kernels: members.map(({ kernel }) => kernel),
    answers: answersOf(members.flatMap(({ ofKernel }) => ofKernel)),
  }));
  const isUnanswered = ({ answers }: PlanGroup): number => (answers.length === 0 ? 1 : 0);
  return groups.sort((one, other) => isUnanswered(one) - isUnanswered(other) || other.hosts - one.hosts);
}

function answersOf(replies: readonly PlanReply[]): PlanAnswer[] {
  return [...Map.groupBy(replies, contentOf).values()].map(same => ({
    hosts: same.map(({ host }) => host),
    reply: same[0]!,
    modules: [
      ...new Map(same.flatMap(({ module }) => (module ? [[module.sha256, module] as const] : []))).values(),
    ],
  }));
}

/** The parts of a plan reply that hosts that agree have in common: all but host, kernel, time and module. */
const COMMON_PARTS = [
  ...(['error', 'refusals', 'effect', 'callees', 'indirectCalls', 'answers', 'warnings', 'steps'] as const),
  ...(['droppedSteps', 'rows', 'ending', 'notes', 'depth'] as const),
] satisfies (keyof PlanReply)[];

function contentOf(answer: PlanReply): string {
  return JSON.stringify([...COMMON_PARTS.map(name => answer[name]), answer.module === undefined]);
}

/** Whether hosts of every kernel replied, and all of them would run the program. */
export function wouldRunEverywhere(read: ReadPlan): boolean {
  return groupPlan(read).every(
    ({ answers }) => answers.length > 0 && answers.every(({ reply }) => wouldRun(reply)),
  );
}

/** Whether the host would start the program. */
export function wouldRun({ error, refusals, depth }: PlanReply): boolean {
  return error === undefined && refusals.length === 0 && depth !== 'none';
}
