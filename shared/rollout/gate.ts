import type { Gate } from '../messages/index.ts';
import type { Outcome } from '../outcome/index.ts';

/** How many hosts of a wave ended in one outcome, and how many of those were unwell after the wave. */
export interface OutcomeTally {
  readonly outcome: Outcome;
  readonly hosts: number;
  readonly unhealthy: number;
}

/**
 * How many hosts of a wave the gate counts as failed, each once: by its outcome, or because it was unwell
 * afterwards.
 */
export function failedHosts(gate: Gate, tallies: readonly OutcomeTally[]): number {
  return tallies.reduce((failed, { outcome, hosts, unhealthy }) => {
    if (gate.failing.includes(outcome)) return failed + hosts;
    return gate.health ? failed + unhealthy : failed;
  }, 0);
}

/** Which limit so many failed hosts pass, as text for people; undefined where they pass none. */
export function passedLimit(gate: Gate, failed: number, waveHosts: number): string | undefined {
  if (failed > gate.maxFailedHosts)
    return `${failed} of ${waveHosts} hosts failed, and ${gate.maxFailedHosts} may`;
  if (failed * 1000 > gate.maxFailedPermille * waveHosts)
    return `${failed} of ${waveHosts} hosts failed, and ${gate.maxFailedPermille / 10}% may`;
  return undefined;
}
