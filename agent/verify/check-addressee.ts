import { FarcallError } from '../../shared/errors/index.ts';
import type { CallRequest } from '../../shared/messages/index.ts';
import {
  inSlice,
  lookupIn,
  parseSelector,
  type SelectableFacts,
  type Slice,
  selectorMatches,
} from '../../shared/targets/index.ts';

/** Which hosts an order is for, according to the controller. */
export interface OrderedWave {
  /** From 1. */
  readonly wave: number;
  readonly slice: Slice;
  readonly requestDigest: Uint8Array;
}

/** The name, labels and facts by which selectors mean this host, or do not. */
export interface Addressee {
  readonly host: string;
  /** This host's labels. A label with the name of a fact has no effect. */
  readonly labels: Readonly<Record<string, string>>;
  /** The facts of its kernel; called only if a selector names one. */
  readonly facts: () => SelectableFacts;
  /** When this host was set up, in milliseconds since the epoch; absent if that was not recorded. */
  readonly joinedAtMs?: number | undefined;
}

/**
 * Throws if an order of `wave` is not for this host:
 * - TOKEN_CLAIMS if the signed request has no such wave (without a rollout it has one);
 * - NOT_SELECTED if the selector of the request, the selector of the wave or the slice of the order does not
 *   select this host, or if this host was set up after the request was made and the request does not allow
 *   late joiners.
 *
 * An order of a later wave may reach a host that the selector of an earlier wave selected, because the host
 * was away then.
 *
 * Threat: a stolen controller key. It is limited by what people signed: which hosts at all, which of them in
 * a wave with a selector, how many waves there are, and whether hosts may join later. The controller alone
 * keeps pace and gates, since no host knows about the others: its key can order every wave of an approved
 * request at once, with slices of the thief's choice, and a wave without a selector then selects every host
 * of the request. But it runs no other program, on no other host, and nothing twice (see the journal). An
 * operator who fears this sends canaries as a request of their own, or selects them by name.
 */
export function checkAddressee(request: CallRequest, ordered: OrderedWave, addressee: Addressee): void {
  const { host } = addressee;
  if (!selects(request.selector, addressee))
    throw new FarcallError('NOT_SELECTED', `the selector ${request.selector} does not select ${host}`);
  checkWave(request, ordered.wave, addressee);
  if (!inSlice(ordered.slice, ordered.requestDigest, host))
    throw new FarcallError('NOT_SELECTED', `${host} is not in this wave`);
  checkJoined(request, addressee);
}

function checkWave({ id, rollout }: CallRequest, wave: number, addressee: Addressee): void {
  const waves = rollout?.waves.length ?? 1;
  if (wave > waves)
    throw new FarcallError('TOKEN_CLAIMS', `the order is for wave ${wave}, and request ${id} has ${waves}`);
  const selector = rollout?.waves[wave - 1]?.selector;
  if (selector !== undefined && !selects(selector, addressee))
    throw new FarcallError(
      'NOT_SELECTED',
      `the selector ${selector} of wave ${wave} does not select ${addressee.host}`,
    );
}

/**
 * Threats: a machine that takes a host's name after the approvers looked at the list of hosts; and a host
 * that was set up again, whose journal does not have what ran on it before. Each time is by a clock: this
 * host's when its key was made, the controller's when the request was made.
 */
function checkJoined({ lateJoiners, createdAtMs }: CallRequest, { host, joinedAtMs = 0 }: Addressee): void {
  if (joinedAtMs <= createdAtMs || lateJoiners) return;
  const [joined, created] = [joinedAtMs, createdAtMs].map(ms => new Date(ms).toISOString());
  throw new FarcallError(
    'NOT_SELECTED',
    `${host} was set up at ${joined}, after the request was made at ${created}, which does not take late joiners`,
  );
}

function selects(selector: string, addressee: Addressee): boolean {
  return selectorMatches(parseSelector(selector), lookupIn(addressee));
}
