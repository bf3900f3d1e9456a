import type { CallRequest } from '../messages/index.ts';
import type { TrustBundle } from './bundle.ts';

/** Whether enough people approved, and what is missing. */
export interface Quorum {
  readonly enough: boolean;
  /** How many approvals are needed. */
  readonly threshold: number;
  /** One name for each seat that nobody of its team fills: `['kernel']`. */
  readonly emptySeats: readonly string[];
}

/**
 * Whether `approvers` are enough for a request of this policy and effect. `threshold` is what the bundle asks
 * for, or more. Where it is at least the number of seats that the policy gives to teams, each seat needs a
 * member of its team, and nobody fills two. A smaller threshold, as for reads, asks for no teams.
 *
 * Threat: two people of one team, who trust each other too much, approve what another team would have
 * stopped; or one person who is in both teams counts for both.
 */
export function quorum(
  approvers: readonly string[],
  {
    request: { policy },
    bundle,
    threshold,
  }: {
    readonly request: Pick<CallRequest, 'policy'>;
    readonly bundle: Pick<TrustBundle, 'thresholds' | 'teams'>;
    readonly threshold: number;
  },
): Quorum {
  const seats = seatsOf(bundle, policy);
  const emptySeats = seats.length > threshold ? [] : emptyAmong(seats, approvers, bundle.teams ?? []);
  return { enough: approvers.length >= threshold && emptySeats.length === 0, threshold, emptySeats };
}

/** The team of each seat of a policy. */
function seatsOf({ thresholds }: Pick<TrustBundle, 'thresholds'>, policy: CallRequest['policy']): string[] {
  const seats = Object.entries(thresholds[policy]?.teams ?? {});
  return seats.flatMap(([team, count]) => Array.from({ length: count }, () => team));
}

/**
 * The seats that stay empty when as many as possible are filled: a matching of people to seats, by augmenting
 * paths. There are at most 64 seats.
 */
function emptyAmong(
  seats: readonly string[],
  approvers: readonly string[],
  teams: NonNullable<TrustBundle['teams']>,
): string[] {
  const membersOf = new Map(teams.map(({ name, members }) => [name, new Set(members)]));
  const seatOf = new Map<string, number>();
  const fill = (seat: number, tried: Set<string>): boolean => {
    for (const person of approvers) {
      if (tried.has(person) || !membersOf.get(seats[seat]!)?.has(person)) continue;
      tried.add(person);
      const taken = seatOf.get(person);
      if (taken !== undefined && !fill(taken, tried)) continue;
      seatOf.set(person, seat);
      return true;
    }
    return false;
  };
  return seats.filter((_team, seat) => !fill(seat, new Set()));
}
