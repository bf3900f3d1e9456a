import { FarcallError } from '../../shared/errors/index.ts';
import { abortEnvelopeCodec, callRequestCodec } from '../../shared/messages/index.ts';
import { lookupIn, parseSelector, selectorMatches } from '../../shared/targets/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import { verifyAbort } from '../../shared/trust/index.ts';
import type { HostTrust } from './authenticate-order.ts';

interface AbortFields {
  readonly requestDigest: Uint8Array;
  readonly requestId: string;
  readonly expiresAtMs: number;
  readonly by: string;
  readonly reason: string;
}

/**
 * Not exported: only {@link authenticateAbort} can make one, and the private member makes its type nominal.
 */
class AbortOfPerson {
  readonly #made = true;
  readonly requestDigest: Uint8Array;
  readonly requestId: string;
  /** When the request that is stopped expires. */
  readonly expiresAtMs: number;
  readonly by: string;
  readonly reason: string;

  constructor({ requestDigest, requestId, expiresAtMs, by, reason }: AbortFields) {
    this.requestDigest = requestDigest;
    this.requestId = requestId;
    this.expiresAtMs = expiresAtMs;
    this.by = by;
    this.reason = reason;
  }

  static made(value: object): boolean {
    return #made in value;
  }
}

/** An abort that is certain to be by somebody who may abort, of a request that selects this host. */
export type AuthenticAbort = AbortOfPerson;

/** Whether `abort` was made by {@link authenticateAbort}. */
export function isAuthenticAbort(abort: object): boolean {
  return AbortOfPerson.made(abort);
}

/** What this host knows of requests that its labels of now do not tell. */
export interface EarlierLife {
  /** Labels that this host had before. */
  readonly formerLabels: readonly Readonly<Record<string, string>>[];
  /** Whether an attempt of the request was begun or answered here. */
  knowsRequest(requestDigest: Uint8Array): boolean;
}

/**
 * Establishes whom an abort is from, and that its request selects this host. Failures are counted and logged,
 * and never answered, as with orders.
 *
 * A request also selects a host whose labels have changed since: an order may wait here that came before the
 * change, the labels may be changed back, and a controller that has ordered the host waits for its answer.
 *
 * Threats: anybody who can reach the subject stops calls that were approved, or fills this host's journal
 * with aborts. `verifyAbort` decides who may abort; a request for other hosts is NOT_SELECTED; a request that
 * has expired is REQUEST_EXPIRED, since it cannot be started anyway, unless its denies may be in force here.
 * An expired bundle is no reason to refuse: nothing runs under it, and stopping is always safe.
 */
export async function authenticateAbort(
  envelopeBytes: Uint8Array,
  { bundle, host, labels, facts, nowMs }: HostTrust,
  { formerLabels, knowsRequest }: EarlierLife = { formerLabels: [], knowsRequest: () => false },
): Promise<AuthenticAbort> {
  const { request: requestBytes, abort: token } = abortEnvelopeCodec.decode(envelopeBytes);
  const request = callRequestCodec.decode(requestBytes);
  const { by, reason } = await verifyAbort({ token, requestBytes, request, bundle, nowMs });
  const requestDigest = sha256(requestBytes);
  const selector = parseSelector(request.selector);
  const isSelectedBy = (held: HostTrust['labels']) =>
    selectorMatches(selector, lookupIn({ host, labels: held, facts }));
  if (![labels, ...formerLabels].some(isSelectedBy) && !knowsRequest(requestDigest))
    throw new FarcallError('NOT_SELECTED', `the selector ${request.selector} does not select ${host}`);
  const { id: requestId, expiresAtMs } = request;
  const mayDeny = request.effect === 'deny' && knowsRequest(requestDigest);
  if (expiresAtMs <= nowMs && !mayDeny)
    throw new FarcallError('REQUEST_EXPIRED', `request ${requestId} has expired; there is nothing to stop`);
  return new AbortOfPerson({ requestDigest, requestId, expiresAtMs, by, reason });
}
