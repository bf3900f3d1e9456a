import type { Prelude } from '../../agent/compiler/index.ts';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import {
  type CallDraft,
  type CallRequest,
  callRequestCodec,
  PROTOCOL_VERSION,
} from '../../shared/messages/index.ts';
import { rolloutOf } from '../../shared/rollout/index.ts';
import { hostNamesDigest, parseSelector, selectorMatches } from '../../shared/targets/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import { refusedRequest, thresholdFor } from '../../shared/trust/index.ts';
import { assignWaves } from '../../shared/waves/index.ts';
import { plannedCallees } from '../scopes/index.ts';
import {
  type HostStore,
  isFree,
  type NewRequest,
  type PlanStore,
  type RequestStore,
} from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';
import { attachedPlan } from './attach-plan.ts';
import { noHostMatches } from './no-host-matches.ts';
import { type KnownHost, lookUpInKnown, selectHosts } from './select-hosts.ts';

/** The stores and services that {@link createRequest} uses. */
export interface CreateRequestDeps {
  readonly requests: Pick<RequestStore, 'create'>;
  readonly hosts: Pick<HostStore, 'all'>;
  readonly plans: Pick<PlanStore, 'find' | 'findByDigest'>;
  readonly trust: TrustSource;
  readonly clock: Clock;
  readonly newId: () => string;
  /** How long after the end of a request's life its hosts may be silent, in milliseconds. */
  readonly hostSilenceMs: number;
  /** Text before each program: constants and functions that programs may use. */
  readonly prelude: Prelude | undefined;
}

/**
 * Makes an immutable request of a draft and stores it; returns its id.
 *
 * The bytes are encoded here, once: they are what approvers sign and what hosts get. The hosts that the
 * selector matches are fixed here as well, each with its wave, so that it is clear from which hosts an
 * outcome is due; approvers sign their number and the digest of their names. What the program uses of the
 * prelude becomes a part of it.
 *
 * Throws SELECTOR_INVALID; ROLLOUT_INVALID; NOT_FOUND if no host matches or the plan does not exist;
 * TRUST_INVALID if the trust bundle does not have the policy; SCOPE_EXCEEDED if the requester may not ask
 * for this; PROGRAM_* if a prelude is to be applied to a
 * text that is not a program.
 */
export async function createRequest(
  deps: CreateRequestDeps,
  requester: string,
  draft: CallDraft,
): Promise<string> {
  thresholdFor(draft, deps.trust.current());
  const known = (await deps.hosts.all()).filter(isFree);
  const selected = selectHosts(draft.selector, known);
  if (selected.length === 0) throw noHostMatches(draft.selector, known);
  const names = selected.map(({ record }) => record.host);
  const program = deps.prelude?.applyTo(draft.program) ?? draft.program;
  const planDigest = await attachedPlan(deps, requester, { ...draft, program });
  const request = requestFrom({ ...draft, program }, requester, { ...deps, names, planDigest });
  await checkRequesterScope(deps, request, selected);
  const bytes = callRequestCodec.encode(request);
  await deps.requests.create({
    id: request.id,
    requester,
    bytes,
    digest: sha256(bytes),
    createdAtMs: request.createdAtMs,
    expiresAtMs: request.expiresAtMs,
    settleAtMs: request.expiresAtMs + request.timeoutMs + deps.hostSilenceMs,
    ...inWaves(request, sha256(bytes), selected),
  });
  return request.id;
}

/**
 * Threat: a requester whose scope is `role=db` aims elsewhere. Hosts refuse that themselves; here the
 * requester learns of it before anybody is asked to approve.
 */
async function checkRequesterScope(
  deps: CreateRequestDeps,
  request: CallRequest,
  selected: readonly KnownHost[],
): Promise<void> {
  const { requester } = request;
  const callees = await plannedCallees(deps, request);
  const act = { request, hosts: selected.map(({ record }) => record), ...(callees && { callees }) };
  const outside = refusedRequest(deps.trust.current(), act);
  if (outside !== undefined)
    throw new FarcallError('SCOPE_EXCEEDED', `${requester} may not ask for this: ${outside}`);
}

/**
 * The hosts with the wave of each, and the waves. Throws ROLLOUT_INVALID if the waves do not fit the hosts.
 */
function inWaves(
  request: CallRequest,
  requestDigest: Uint8Array,
  selected: readonly KnownHost[],
): Pick<NewRequest, 'hosts' | 'rollout'> {
  const rollout = rolloutOf(request);
  const known = new Map(selected.map(each => [each.facts.host, each]));
  const { waves, waveOf } = assignWaves({
    ...{ rollout, requestDigest, hosts: selected.map(({ facts: { host } }) => ({ host })) },
    matches: (selector, { host }) =>
      selectorMatches(parseSelector(selector), lookUpInKnown(known.get(host)!)),
  });
  return {
    hosts: selected.map(({ facts: { host, kernelRelease, arch } }) => ({
      ...{ host, kernelRelease, arch, wave: waveOf.get(host) ?? 0 },
    })),
    rollout: {
      answerWithinMs: rollout.answerWithinMs,
      waves: waves.map(({ number, hosts, slice }) => {
        const watched = rollout.gate.health || (rollout.waves[number - 1]?.bakeMs ?? 0) > 0;
        return { hosts, slice, watched };
      }),
    },
  };
}

/** The expected hosts and the plan that the controller adds to a draft, so that they are signed with it. */
interface Frozen {
  readonly names: readonly string[];
  readonly planDigest: Uint8Array | undefined;
}

function requestFrom(draft: CallDraft, requester: string, deps: CreateRequestDeps & Frozen): CallRequest {
  const createdAtMs = deps.clock.nowMs();
  const { lifetimeMs, planId: _planId, ...content } = draft;
  return {
    protocol: PROTOCOL_VERSION,
    id: deps.newId(),
    requester,
    ...content,
    createdAtMs,
    expiresAtMs: createdAtMs + lifetimeMs,
    ...(deps.planDigest && { planDigest: deps.planDigest }),
    expectedHosts: deps.names.length,
    expectedHostsDigest: hostNamesDigest(deps.names),
    site: deps.trust.site,
  };
}
