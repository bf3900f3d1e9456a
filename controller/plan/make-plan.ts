import type { Prelude } from '../../agent/compiler/index.ts';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import {
  type PlanDraft,
  type PlanEvent,
  type PlanKernel,
  PROTOCOL_VERSION,
  planCodec,
  planEnvelopeCodec,
  planQueryCodec,
} from '../../shared/messages/index.ts';
import { type ModuleTrustAnchor, summariseSigning } from '../../shared/module-signing/index.ts';
import { toHostSubject } from '../../shared/subjects/index.ts';
import { hostNamesDigest } from '../../shared/targets/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import { thresholdFor } from '../../shared/trust/index.ts';
import type { Bus } from '../bus/index.ts';
import { type KnownHost, noHostMatches, selectHosts } from '../requests/index.ts';
import type { PlanSigner } from '../signing/index.ts';
import type { HostStore, PlanStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';
import type { AwaitedReplies, PlanReplies } from './plan-replies.ts';
import { planView } from './plan-view.ts';
import { sampleHosts } from './sample-hosts.ts';

/** Most plans that are made at one time. */
const AT_ONCE = 8;

/** What {@link makePlan} needs. */
export interface MakePlanDeps {
  readonly bus: Pick<Bus, 'publish'>;
  readonly hosts: Pick<HostStore, 'all'>;
  readonly plans: Pick<PlanStore, 'add'>;
  readonly planReplies: PlanReplies;
  readonly signPlan: PlanSigner;
  readonly trust: TrustSource;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly prelude: Prelude | undefined;
  /** By which the modules that this controller signs are verified; undefined where it signs none. */
  readonly moduleTrust: ModuleTrustAnchor | undefined;
}

/** Whose plan it is, and how long he waits for it. */
interface Asking {
  readonly requester: string;
  readonly signal: AbortSignal;
}

/**
 * Asks some of the hosts that the draft means what its program would do there, tells how many have answered, and at last
 * the plan, which is stored by then. Who does not answer in time is in it all the same, as asked. Throws SELECTOR_INVALID,
 * NOT_FOUND where no host matches, PROGRAM_* where a prelude meets what is no program, RATE_LIMITED, UNREACHABLE,
 * TRUST_INVALID where the trust bundle does not know the policy: then no request could follow.
 */
export async function* makePlan(
  deps: MakePlanDeps,
  draft: PlanDraft,
  { requester, signal }: Asking,
): AsyncGenerator<PlanEvent> {
  if (deps.planReplies.open >= AT_ONCE)
    throw new FarcallError('RATE_LIMITED', `${AT_ONCE} plans are being made; try again in a moment`);
  thresholdFor(draft, deps.trust.current());
  const known = await deps.hosts.all();
  const selected = selectHosts(draft.selector, known);
  if (selected.length === 0) throw noHostMatches(draft.selector, known);
  const kernels = sampleHosts(selected, draft);
  const hosts = kernels.flatMap(({ asked }) => asked);
  const id = deps.newId();
  const query = encodeQuery(deps, draft, { id, requester, hosts });
  using awaited = deps.planReplies.await(sha256(query), hosts);
  await ask(deps, query, hosts);
  yield* progress(awaited, hosts.length, { waitMs: draft.waitMs, signal });
  if (signal.aborted) return;
  const { moduleTrust } = deps;
  const bytes = encodePlan(query, draft, { selected, kernels, awaited, moduleTrust });
  const madeBy = requester;
  const counts = { hosts: selected.length, answered: awaited.count };
  const record = await deps.plans.add({ id, bytes, digest: sha256(bytes), madeBy, ...counts });
  yield { asked: hosts.length, answered: awaited.count, plan: planView(record) };
}

interface Addressed {
  readonly id: string;
  readonly requester: string;
  readonly hosts: readonly string[];
}

function encodeQuery(
  { prelude, clock }: MakePlanDeps,
  { program, effect, policy, timeoutMs }: PlanDraft,
  { hosts, ...from }: Addressed,
): Uint8Array {
  return planQueryCodec.encode({
    protocol: PROTOCOL_VERSION,
    ...from,
    program: prelude?.applyTo(program) ?? program,
    ...{ effect, policy, timeoutMs },
    createdAtMs: clock.nowMs(),
    hosts: [...hosts],
  });
}

async function ask(
  { bus, signPlan }: MakePlanDeps,
  query: Uint8Array,
  hosts: readonly string[],
): Promise<void> {
  const envelope = planEnvelopeCodec.encode({ query, token: await signPlan(query) });
  await Promise.all(hosts.map(host => bus.publish(toHostSubject(host, 'plan'), envelope)));
}

async function* progress(
  awaited: AwaitedReplies,
  asked: number,
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
): AsyncGenerator<PlanEvent> {
  const endMs = performance.now() + waitMs;
  yield { asked, answered: 0 };
  let told = 0;
  while (!awaited.isComplete && !signal.aborted && performance.now() < endMs) {
    await awaited.next(endMs - performance.now(), signal);
    if (awaited.count > told) yield { asked, answered: awaited.count };
    told = awaited.count;
  }
}

interface Gathered {
  readonly selected: readonly KnownHost[];
  readonly kernels: PlanKernel[];
  readonly awaited: AwaitedReplies;
  readonly moduleTrust: ModuleTrustAnchor | undefined;
}

function encodePlan(
  query: Uint8Array,
  { selector }: PlanDraft,
  { selected, kernels, awaited, moduleTrust }: Gathered,
): Uint8Array {
  const names = selected.map(({ record }) => record.host);
  const facts = selected.map(known => known.facts);
  return planCodec.encode({
    query,
    selector,
    expectedHosts: names.length,
    expectedHostsDigest: hostNamesDigest(names),
    kernels,
    replies: awaited.inOrder(),
    signing: summariseSigning(facts, moduleTrust),
  });
}
