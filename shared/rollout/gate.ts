import type { Gate } from '../messages/index.ts';
import { OUTCOMES, type Outcome } from '../outcome/index.ts';

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

/**
 * Why `gate` fails a wave that has told nothing about the program, as text for people: each of its hosts
 * ended in an outcome after which certainly nothing ran, and at least one is `not-applicable`. Undefined for
 * a wave on which something ran, or may have, or is still to come, and where the gate lets it pass.
 *
 * Threat: a program with a mistake, such as a misspelt function, compiles on no canary. `not-applicable` is
 * no failure of a host, so the canaries would pass, and the program would go on to hosts on which it runs,
 * though nobody has seen it run.
 */
export function idleProblem(
  gate: Gate,
  tallies: readonly OutcomeTally[],
  waveHosts: number,
): string | undefined {
  if (gate.notApplicableOk) return undefined;
  const idle = tallies.filter(({ outcome }) => !OUTCOMES[outcome].mayHaveRun);
  const hosts = idle.reduce((sum, tally) => sum + tally.hosts, 0);
  const lacking = idle.find(({ outcome }) => outcome === 'not-applicable')?.hosts ?? 0;
  if (lacking === 0 || hosts < waveHosts) return undefined;
  return `nothing ran on any of ${waveHosts} hosts, and ${lacking} of them lack what the program names`;
}
