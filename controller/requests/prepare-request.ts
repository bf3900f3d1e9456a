import { FarcallError } from '../../shared/errors/index.ts';
import { withLibrary } from '../../shared/library/index.ts';
import {
  type CallDraft,
  type CallRequest,
  callRequestCodec,
  LOCKED_HOSTS_LIMIT,
  type LockedHost,
  PROTOCOL_VERSION,
  type PreparedRequest,
} from '../../shared/messages/index.ts';
import { hostNamesDigest } from '../../shared/targets/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import { thresholdFor } from '../../shared/trust/index.ts';
import { checkEffect, effectToDeclare } from '../effects/index.ts';
import { type HostRecord, isFree } from '../store/index.ts';
import { attachedPlan } from './attach-plan.ts';
import { checkRequesterScope } from './check-requester-scope.ts';
import { completeProgram } from './complete-program.ts';
import type { CreateRequestDeps } from './create-request.ts';
import { inWaves } from './in-waves.ts';
import { noHostMatches } from './no-host-matches.ts';
import { type KnownHost, selectHosts } from './select-hosts.ts';

/**
 * Makes the bytes of a request from a draft, for its requester to sign. Nothing is stored.
 *
 * The bytes are encoded here, once: they are what requester and approvers sign, and what hosts get. The hosts
 * that the selector matches are fixed here as well, so that people sign their number and the digest of their
 * names. What the program uses of the prelude becomes a part of it. What it uses of the library goes with it,
 * unless the draft brings its own. The effect is at least what the program does on the kernels that are known
 * here. If it compiles on none of them, the reply says why.
 *
 * Throws SELECTOR_INVALID; ROLLOUT_INVALID if the waves do not fit the hosts; NOT_FOUND if no host matches or
 * the plan does not exist; TRUST_INVALID if the trust bundle does not have the policy; SCOPE_EXCEEDED if the
 * requester may not ask for this; EFFECT_EXCEEDED if it calls through pointers and does not say so; PROGRAM_*
 * if a prelude is to be applied to a text that is not a program.
 */
export async function prepareRequest(
  deps: CreateRequestDeps,
  requester: string,
  draft: CallDraft,
): Promise<PreparedRequest> {
  const known = await deps.hosts.all();
  const matching = selectHosts(draft.selector, known);
  const selected = matching.filter(({ record }) => isFree(record));
  const locked = lockedAmong(matching);
  if (selected.length === 0) throw noHostIsFree(draft.selector, { known, locked });
  const names = selected.map(({ record }) => record.host);
  const parts = completeProgram(deps, draft);
  const { effects, problems } = await deps.deriveEffects(withLibrary(parts), selected);
  const effect = effectToDeclare(draft.effect, { effects, program: parts.program });
  const complete = { ...draft, ...parts, effect };
  thresholdFor(complete, deps.trust.current());
  const planDigest = await attachedPlan(deps, requester, complete);
  const request = requestFrom(complete, requester, { ...deps, names, planDigest });
  checkEffect(request, effects);
  await checkRequesterScope(deps, request, selected);
  const bytes = callRequestCodec.encode(request);
  inWaves(request, sha256(bytes), selected);
  return {
    request: bytes,
    problems: effects.length === 0 ? [...problems] : [],
    lockedHosts: locked.length,
    locked: locked.slice(0, LOCKED_HOSTS_LIMIT),
  };
}

/** The locked hosts among `matching`, by name. */
function lockedAmong(matching: readonly KnownHost[]): LockedHost[] {
  return matching
    .flatMap(({ record: { host, lockReason: reason } }) => (reason === undefined ? [] : [{ host, reason }]))
    .sort((one, other) => (one.host < other.host ? -1 : 1));
}

function noHostIsFree(
  selector: string,
  { known, locked }: { readonly known: readonly HostRecord[]; readonly locked: readonly LockedHost[] },
): FarcallError {
  const [first] = locked;
  if (!first) return noHostMatches(selector, known.filter(isFree));
  const others = locked.length > 1 ? `, and ${locked.length - 1} more` : '';
  return new FarcallError(
    'NOT_FOUND',
    `every host that '${selector}' matches is locked: ${first.host} (${first.reason})${others}; farcall unlock ends a lock`,
  );
}

/** A draft whose effect is decided. */
type CompleteDraft = CallDraft & Pick<CallRequest, 'effect'>;

/** The expected hosts and the plan that the controller adds to a draft, so that they are signed with it. */
interface Frozen {
  readonly names: readonly string[];
  readonly planDigest: Uint8Array | undefined;
}

function requestFrom(draft: CompleteDraft, requester: string, deps: CreateRequestDeps & Frozen): CallRequest {
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
