import type { Gate } from '../messages/index.ts';
import type { Outcome } from '../outcome/index.ts';

/** How many hosts of a wave ended in one outcome, and how many of those were unhealthy after the wave. */
export interface OutcomeTally {
  readonly outcome: Outcome;
  readonly hosts: number;
  readonly unhealthy: number;
}

/**
 * How many hosts of a wave the gate counts as failed: by their outcome, or because they were unhealthy after
 * the wave. A host counts once.
 */
export function failedHosts(gate: Gate, tallies: readonly OutcomeTally[]): number {
  return tallies.reduce((failed, { outcome, hosts, unhealthy }) => {
    if (gate.failing.includes(outcome)) return failed + hosts;
    return gate.health ? failed + unhealthy : failed;
  }, 0);
}

/**
 * The limit of `gate` that `failed` of `waveHosts` hosts exceed, as text for people; undefined if they exceed
 * none.
 */
export function passedLimit(gate: Gate, failed: number, waveHosts: number): string | undefined {
  if (failed > gate.maxFailedHosts)
    return `${failed} of ${waveHosts} hosts failed, and ${gate.maxFailedHosts} may`;
  if (failed * 1000 > gate.maxFailedPermille * waveHosts)
    return `${failed} of ${waveHosts} hosts failed, and ${gate.maxFailedPermille / 10}% may`;
  return undefined;
}
