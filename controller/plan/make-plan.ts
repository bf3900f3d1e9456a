import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { labelsText, ownLabels } from '../../shared/host-labels/index.ts';
import { withLibrary } from '../../shared/library/index.ts';
import {
  PLAN_RELABELLED_LIMIT,
  type Plan,
  type PlanDraft,
  type PlanEvent,
  type PlanKernel,
  type PlanQuery,
  PROTOCOL_VERSION,
  planCodec,
  planQueryCodec,
} from '../../shared/messages/index.ts';
import { type ModuleTrustAnchor, summariseSigning } from '../../shared/module-signing/index.ts';
import { hostNamesDigest } from '../../shared/targets/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import { thresholdFor } from '../../shared/trust/index.ts';
import { type DeriveEffects, effectToDeclare } from '../effects/index.ts';
import type { HostQueries, QueryReplies } from '../host-queries/index.ts';
import {
  completeProgram,
  type KnownHost,
  noHostMatches,
  type ProgramSources,
  selectHosts,
} from '../requests/index.ts';
import { type HostStore, isFree, type PlanStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';
import { planView } from './plan-view.ts';
import { sampleHosts } from './sample-hosts.ts';

/** How many plans may be in the making at one time. */
const CONCURRENT_PLANS_LIMIT = 8;

/** Inputs of {@link makePlan}, by reference; owned by the caller. */
export interface MakePlanDeps extends ProgramSources {
  readonly hosts: Pick<HostStore, 'all'>;
  readonly plans: Pick<PlanStore, 'add'>;
  readonly hostQueries: Pick<HostQueries, 'ask' | 'countOpen'>;
  readonly trust: TrustSource;
  readonly deriveEffects: DeriveEffects;
  readonly clock: Clock;
  readonly newId: () => string;
  /** The certificate that verifies the modules of this controller; undefined if it signs none. */
  readonly moduleTrust: ModuleTrustAnchor | undefined;
}

interface PlanCaller {
  readonly requester: string;
  /** Aborted when the requester goes away. */
  readonly signal: AbortSignal;
}

/**
 * Asks some of the selected hosts what the program would do on them. Yields how many have replied, and at
 * last the plan, which is stored by then. A host that does not reply in time is named in the plan as asked.
 *
 * Throws SELECTOR_INVALID; NOT_FOUND if no host matches; PROGRAM_* if the prelude cannot be applied to the
 * program; RATE_LIMITED; UNREACHABLE; and TRUST_INVALID if the trust bundle does not know the policy, since
 * no request could follow.
 */
export async function* makePlan(
  deps: MakePlanDeps,
  draft: PlanDraft,
  { requester, signal }: PlanCaller,
): AsyncGenerator<PlanEvent> {
  if (deps.hostQueries.countOpen('plan') >= CONCURRENT_PLANS_LIMIT)
    throw new FarcallError(
      'RATE_LIMITED',
      `${CONCURRENT_PLANS_LIMIT} plans are being made; try again in a moment`,
    );
  const known = (await deps.hosts.all()).filter(isFree);
  const selected = selectHosts(draft.selector, known);
  if (selected.length === 0) throw noHostMatches(draft.selector, known);
  const parts = completeProgram(deps, draft);
  const { effects } = await deps.deriveEffects(withLibrary(parts), selected);
  const effect = effectToDeclare(draft.effect, { effects, program: parts.program });
  thresholdFor({ ...draft, effect }, deps.trust.current());
  const kernels = sampleHosts(selected, draft);
  const hosts = kernels.flatMap(({ asked }) => asked);
  const id = deps.newId();
  const query = encodeQuery(deps, { ...draft, ...parts, effect }, { id, requester, hosts });
  using replies = await deps.hostQueries.ask('plan', query, hosts);
  yield* progress(replies, hosts.length, { waitMs: draft.waitMs, signal });
  if (signal.aborted) return;
  const { moduleTrust } = deps;
  const bytes = encodePlan(query, draft, { selected, kernels, replies, moduleTrust });
  const madeBy = requester;
  const counts = { hosts: selected.length, answered: replies.count };
  const record = await deps.plans.add({ id, bytes, digest: sha256(bytes), madeBy, ...counts });
  yield { asked: hosts.length, answered: replies.count, plan: planView(record) };
}

interface QueryAddress {
  readonly id: string;
  readonly requester: string;
  readonly hosts: readonly string[];
}

function encodeQuery(
  { clock }: MakePlanDeps,
  {
    program,
    library,
    values,
    effect,
    indirectCalls,
    policy,
    timeoutMs,
    fuel,
  }: PlanDraft & Pick<PlanQuery, 'effect'>,
  { hosts, ...from }: QueryAddress,
): Uint8Array {
  return planQueryCodec.encode({
    protocol: PROTOCOL_VERSION,
    ...from,
    ...{ program, effect, policy, timeoutMs },
    ...(indirectCalls && { indirectCalls }),
    ...(fuel !== undefined && { fuel }),
    ...(library !== undefined && { library }),
    ...(values !== undefined && { values }),
    createdAtMs: clock.nowMs(),
    hosts: [...hosts],
  });
}

async function* progress(
  replies: QueryReplies<'plan'>,
  asked: number,
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
): AsyncGenerator<PlanEvent> {
  const endMs = performance.now() + waitMs;
  yield { asked, answered: 0 };
  let reported = 0;
  while (!replies.isComplete && !signal.aborted && performance.now() < endMs) {
    await replies.next(endMs - performance.now(), signal);
    if (replies.count > reported) yield { asked, answered: replies.count };
    reported = replies.count;
  }
}

interface PlanContents {
  readonly selected: readonly KnownHost[];
  readonly kernels: PlanKernel[];
  readonly replies: QueryReplies<'plan'>;
  readonly moduleTrust: ModuleTrustAnchor | undefined;
}

function encodePlan(
  query: Uint8Array,
  { selector }: PlanDraft,
  { selected, kernels, replies, moduleTrust }: PlanContents,
): Uint8Array {
  const names = selected.map(({ record }) => record.host);
  const facts = selected.map(known => known.facts);
  return planCodec.encode({
    query,
    selector,
    expectedHosts: names.length,
    expectedHostsDigest: hostNamesDigest(names),
    kernels,
    replies: replies.inOrder().map(({ signed }) => signed),
    signing: summariseSigning(facts, moduleTrust),
    relabelled: relabelledOf(selected),
  });
}

/**
 * The hosts whose labels people have changed, and whether each says that it has them too. Until it has, it
 * decides by its old ones whether a request means it, and whose scopes cover it.
 */
function relabelledOf(selected: readonly KnownHost[]): Plan['relabelled'] {
  return selected
    .filter(({ record }) => record.labelsNumber > 0)
    .slice(0, PLAN_RELABELLED_LIMIT)
    .map(({ record: { host, labels }, facts }) => {
      const isTaken = labelsText(ownLabels(facts.labels)) === labelsText(labels);
      return { host, labels: { ...labels }, isTaken };
    });
}
