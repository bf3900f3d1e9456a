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

/** A plan as its own bytes tell it. */
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
 * Decodes the bytes of a plan and computes their digest.
 *
 * Threat: a controller that shows another plan than the one that a request names, to those who are to sign
 * the request. With `digest`, which stands in the request's own bytes, only the plan of these very bytes is
 * shown, and the answers in it must be to its own question. That a host really said so is the controller's
 * word: who reads has no host's key.
 */
export function readPlan(view: PlanView, digest?: Uint8Array): ReadPlan {
  const found = sha256(view.plan);
  if (digest && !Buffer.from(found).equals(digest))
    throw new FarcallError(
      'CONFLICT',
      'the controller sent another plan than the one that the request names',
    );
  const plan = planCodec.decode(view.plan);
  const query = planQueryCodec.decode(plan.query);
  const queryDigest = sha256(plan.query);
  const replies = plan.replies.map(({ reply }) => planReplyCodec.decode(reply));
  for (const reply of replies) {
    if (Buffer.from(reply.queryDigest).equals(queryDigest) && query.hosts.includes(reply.host)) continue;
    throw new FarcallError('MESSAGE_INVALID', `the plan has an answer of ${reply.host} to another question`);
  }
  return { view, digest: found, plan, query, replies: new Map(replies.map(reply => [reply.host, reply])) };
}

/** What one or several hosts said alike. */
export interface PlanAnswer {
  readonly hosts: readonly string[];
  /** Of the first of them. */
  readonly reply: PlanReply;
  /** The modules that they would load; each once. */
  readonly modules: readonly NonNullable<PlanReply['module']>[];
}

/** Kernels of which the hosts that were asked said the same. */
export interface PlanGroup {
  /** Hosts that run one of these kernels. */
  readonly hosts: number;
  readonly kernels: readonly PlanKernel[];
  /** What was said: nothing where nobody answered, several things where hosts of one kernel differ. */
  readonly answers: readonly PlanAnswer[];
}

/** The kernels of a plan by what their hosts said; the largest group first, those without an answer last. */
export function groupPlan({ plan, replies }: ReadPlan): PlanGroup[] {
  const known = plan.kernels.map(kernel => {
    const said = kernel.asked.flatMap(host => replies.get(host) ?? []);
    return { kernel, said, key: [...new Set(said.map(contentOf))].sort().join('\n') };
  });
  const groups = [...Map.groupBy(known, ({ key }) => key).values()].map(members => ({
    hosts: members.reduce((sum, { kernel }) => sum + kernel.hosts, 0),
    kernels: members.map(({ kernel }) => kernel),
    answers: answersOf(members.flatMap(({ said }) => said)),
  }));
  const isSilent = ({ answers }: PlanGroup): number => (answers.length === 0 ? 1 : 0);
  return groups.sort((one, other) => isSilent(one) - isSilent(other) || other.hosts - one.hosts);
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

/** What an answer says of the program; not of which host, when, or how large its module is there. */
function contentOf(answer: PlanReply): string {
  const { error, refusals, effect, callees, warnings, steps, droppedSteps, rows, ending, notes, depth } =
    answer;
  const isRead = answer.module === undefined;
  return JSON.stringify([
    ...[error, refusals, effect, callees, warnings, steps, droppedSteps, rows, ending, notes, depth, isRead],
  ]);
}

/** Whether every kernel answered, and each would run the program. */
export function wouldRunEverywhere(read: ReadPlan): boolean {
  return groupPlan(read).every(
    ({ answers }) => answers.length > 0 && answers.every(({ reply }) => wouldRun(reply)),
  );
}

/** Whether the program would be begun there. */
export function wouldRun({ error, refusals, depth }: PlanReply): boolean {
  return error === undefined && refusals.length === 0 && depth !== 'none';
}
