import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { withLibrary } from '../../shared/library/index.ts';
import { type CallRequest, callRequestCodec, LIFETIME_LIMIT_MS } from '../../shared/messages/index.ts';
import { hostNamesDigest } from '../../shared/targets/index.ts';
import { CLOCK_TOLERANCE_S, sha256 } from '../../shared/tokens/index.ts';
import { thresholdFor, verifyRequester } from '../../shared/trust/index.ts';
import { checkEffect, type DeriveEffects } from '../effects/index.ts';
import { type HostStore, isFree, type PlanStore, type RequestStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';
import { checkPlanOf } from './attach-plan.ts';
import { checkRequesterScope } from './check-requester-scope.ts';
import type { ProgramSources } from './complete-program.ts';
import { inWaves } from './in-waves.ts';
import { type KnownHost, selectHosts } from './select-hosts.ts';

/** The stores and services that `prepareRequest` and {@link createRequest} use. */
export interface CreateRequestDeps extends ProgramSources {
  readonly requests: Pick<RequestStore, 'create' | 'find'>;
  readonly hosts: Pick<HostStore, 'all'>;
  readonly plans: Pick<PlanStore, 'find' | 'findByDigest'>;
  readonly trust: TrustSource;
  readonly deriveEffects: DeriveEffects;
  readonly clock: Clock;
  readonly newId: () => string;
  /** How long after the end of a request's life its hosts may be silent, in milliseconds. */
  readonly hostSilenceMs: number;
}

/** A request that its requester has signed, and who hands it in. */
export interface SignedRequest {
  /** The CallRequest that `prepareRequest` made. */
  readonly bytes: Uint8Array;
  /** The requester's farcall-request+jwt over `bytes`. */
  readonly token: string;
  readonly submittedBy: string;
}

/** How long a requester may take to sign what was prepared. */
const PREPARED_MS = 15 * 60_000;

/**
 * Stores a request that its requester signed; returns its id. The hosts that the selector matches get their
 * waves here, so that it is clear from which hosts an outcome is due.
 *
 * Threat: the bytes come from the requester, who may have made them without `prepareRequest`. So everything
 * is checked that `prepareRequest` ensures; hosts and approvers do not rely on it. Throws the codes of
 * `verifyRequester`; FORBIDDEN if somebody else hands it in; MESSAGE_INVALID for times that no request has;
 * CONFLICT if the id was used before, or if other hosts match by now; EFFECT_EXCEEDED; and the codes of
 * `prepareRequest`.
 */
export async function createRequest(
  deps: CreateRequestDeps,
  { bytes, token, submittedBy }: SignedRequest,
): Promise<string> {
  const bundle = deps.trust.current();
  const nowMs = deps.clock.nowMs();
  const request = callRequestCodec.decode(bytes);
  await verifyRequester({ token, requestBytes: bytes, request, bundle, nowMs });
  const { id, requester } = request;
  if (requester !== submittedBy)
    throw new FarcallError('FORBIDDEN', `${submittedBy} hands in a request of ${requester}`);
  checkContent(request, nowMs);
  thresholdFor(request, bundle);
  const selected = await sameHosts(deps, request);
  const text = withLibrary(request);
  checkEffect(request, (await deps.deriveEffects(text, selected)).effects);
  await checkPlanOf(deps, request);
  await checkRequesterScope(deps, request, selected);
  if (await deps.requests.find(id)) throw new FarcallError('CONFLICT', `there is a request ${id} already`);
  const digest = sha256(bytes);
  await deps.requests.create({
    ...{ id, requester, bytes, token, digest, trustVersion: bundle.version },
    createdAtMs: request.createdAtMs,
    expiresAtMs: request.expiresAtMs,
    settleAtMs: request.expiresAtMs + request.timeoutMs + deps.hostSilenceMs,
    ...inWaves(request, digest, selected),
  });
  return id;
}

function checkContent({ id, reason, createdAtMs, expiresAtMs }: CallRequest, nowMs: number): void {
  const invalid = (what: string): FarcallError =>
    new FarcallError('MESSAGE_INVALID', `request ${id}: ${what}`);
  if (reason.trim() === '') throw invalid('say why, for the approvers');
  if (createdAtMs > nowMs + CLOCK_TOLERANCE_S * 1000) throw invalid('it is from the future');
  if (createdAtMs < nowMs - PREPARED_MS) throw invalid('it was prepared too long ago; ask for it again');
  if (expiresAtMs - createdAtMs > LIFETIME_LIMIT_MS) throw invalid('it lives longer than any may');
  if (expiresAtMs <= nowMs) throw invalid('it has expired');
}

/** The hosts that the selector matches now. Throws CONFLICT if they are not those that were signed. */
async function sameHosts(
  { hosts }: CreateRequestDeps,
  { id, selector, expectedHosts, expectedHostsDigest }: CallRequest,
): Promise<readonly KnownHost[]> {
  const selected = selectHosts(selector, (await hosts.all()).filter(isFree));
  const digest = hostNamesDigest(selected.map(({ record }) => record.host));
  const isSame =
    selected.length === expectedHosts && Buffer.from(digest).equals(expectedHostsDigest ?? new Uint8Array());
  if (isSame && selected.length > 0) return selected;
  throw new FarcallError(
    'CONFLICT',
    `request ${id} was signed for other hosts than match ${selector} now; ask for it again`,
  );
}
