import { FarcallError } from '../../shared/errors/index.ts';
import type { CallRequest } from '../../shared/messages/index.ts';
import {
  inSlice,
  lookUpIn,
  parseSelector,
  type SelectableFacts,
  type Slice,
  selectorMatches,
} from '../../shared/targets/index.ts';

/** For whom an order is, in the controller's words. */
export interface OrderedWave {
  /** From 1. */
  readonly wave: number;
  readonly slice: Slice;
  readonly requestDigest: Uint8Array;
}

/** This host, as far as orders are meant for it. */
export interface Addressee {
  readonly host: string;
  /** This host's labels; names of facts count for nothing here. */
  readonly labels: Readonly<Record<string, string>>;
  /** What selectors find of its kernel; asked only where one does. */
  readonly facts: () => SelectableFacts;
  /** When this host was set up, in milliseconds since the epoch; absent: before anybody wrote that down. */
  readonly joinedAtMs?: number | undefined;
}

/**
 * Throws where an order of `wave` is not for this host: TOKEN_CLAIMS where the signed request has no such wave (without
 * a rollout it has one), NOT_SELECTED where the selector of the request, the selector of the wave or the slice of the
 * order means others, or where this host was set up after the request was made and the request does not allow that. An
 * order of a later wave may find a host that the selector of an earlier wave meant, as one that was away then.
 *
 * Threat: a stolen controller key. What holds it back here is what people signed: which hosts at all, which of them in a
 * wave with a selector, how many waves there are, and whether hosts may join later. Pace and gates are the controller's
 * to keep, since no host knows of the others: with its key every wave of an approved request can be ordered at once, with
 * slices of its choice, and waves without a selector then mean every host of the request. It runs nothing else, nowhere
 * else, and nothing twice by that (see the journal). Who fears it sends canaries as a request of their own, or by name.
 */
export function checkAddressee(request: CallRequest, ordered: OrderedWave, addressee: Addressee): void {
  const { host } = addressee;
  if (!means(request.selector, addressee))
    throw new FarcallError('NOT_SELECTED', `the selector ${request.selector} does not mean ${host}`);
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
  if (selector !== undefined && !means(selector, addressee))
    throw new FarcallError(
      'NOT_SELECTED',
      `the selector ${selector} of wave ${wave} does not mean ${addressee.host}`,
    );
}

/**
 * Threat: a machine that takes a host's name after the approvers looked at the list of hosts; and a host that was set up
 * anew, whose journal does not know what ran on it before. Both times are those of clocks: this host's own when its key
 * was made, the controller's when the request was.
 */
function checkJoined({ lateJoiners, createdAtMs }: CallRequest, { host, joinedAtMs = 0 }: Addressee): void {
  if (joinedAtMs <= createdAtMs || lateJoiners) return;
  const [joined, created] = [joinedAtMs, createdAtMs].map(ms => new Date(ms).toISOString());
  throw new FarcallError(
    'NOT_SELECTED',
    `${host} was set up at ${joined}, after the request was made at ${created}, which does not take late joiners`,
  );
}

function means(selector: string, addressee: Addressee): boolean {
  return selectorMatches(parseSelector(selector), lookUpIn(addressee));
}
