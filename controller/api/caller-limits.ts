import type { Clock } from '../../shared/clock/index.ts';
import type { CounterSet } from '../../shared/counters/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { keyedBuckets, type Rate } from '../../shared/limits/index.ts';

/** Calls of one person, over the API and the console together. An editor completes at each key. */
const CALLS: Rate = { burst: 300, perSecond: 30 };

/** Calls from one address that are not authenticated: forged and old tokens, and calls that need none. */
const UNAUTHENTICATED_CALLS: Rate = { burst: 60, perSecond: 1 };

/** Streams of one person that are open at a time: watches, lists, plans. */
const STREAMS_LIMIT = 128;

/** Limits on the calls of operators, kept by one controller. */
export interface CallerLimits {
  /**
   * Throws RATE_LIMITED where `address` has sent too many calls that were not authenticated. To be asked
   * before anything of a call is verified.
   */
  admitAddress(address: string): void;
  /** Counts a call from `address` that was not authenticated. */
  countUnauthenticated(address: string): void;
  /** Counts a call of a person. Throws RATE_LIMITED where there were too many. */
  admitPerson(person: string): void;
  /** Counts an open stream of a person; the result ends it. Throws RATE_LIMITED where too many are open. */
  openStream(person: string): () => void;
}

/**
 * The limits of one controller.
 *
 * Threats: one person, or a program with their key, keeps the controller from all others (a rate and open
 * streams for each person). Somebody without a key has signatures verified without end (a rate for each
 * address, counted only for calls that fail, and asked before the signature). Addresses behind one proxy or
 * one Unix socket share a limit; those who have a valid token do not use it up.
 */
export function callerLimits(clock: Clock, counters: Pick<CounterSet, 'count'>): CallerLimits {
  const calls = keyedBuckets(clock, CALLS);
  const failures = keyedBuckets(clock, UNAUTHENTICATED_CALLS);
  const streams = new Map<string, number>();
  const refuse = (limit: string, message: string, retryAfterMs: number): never => {
    counters.count(`limited.${limit}`);
    throw new FarcallError('RATE_LIMITED', message, { retryAfterMs });
  };
  return {
    admitAddress(address) {
      if (!failures.has(address))
        refuse('address', 'too many calls from this address had no valid token; try again later', 1000);
    },
    countUnauthenticated: address => void failures.take(address),
    admitPerson(person) {
      if (!calls.take(person)) refuse('person', `${person} calls too often; try again in a moment`, 1000);
    },
    openStream(person) {
      const open = streams.get(person) ?? 0;
      if (open >= STREAMS_LIMIT)
        refuse('streams', `${person} has ${STREAMS_LIMIT} streams open; end some of them`, 5000);
      streams.set(person, open + 1);
      return () => {
        const left = (streams.get(person) ?? 1) - 1;
        if (left > 0) streams.set(person, left);
        else streams.delete(person);
      };
    },
  };
}

/** The address of a peer as gRPC writes it, without its port: one machine has one limit. */
export function addressOfPeer(peer: string): string {
  return peer.replace(/:\d+$/, '');
}
