import { expect } from 'vitest';
import type { AuditTable } from '../../../../controller/store/index.ts';
import type { Gate } from '../../../../shared/messages/index.ts';
import { OUTCOMES, type Outcome } from '../../../../shared/outcome/index.ts';

interface Host {
  readonly wave: number;
  outcome: Outcome | null;
  isUnwell: boolean;
}

/** What the log of one request must never tell. */
export interface OracleOptions {
  readonly gate: Gate;
  readonly waveOf: ReadonlyMap<string, number>;
  /** Whether the wave waits for a person before the next. */
  readonly isManual: (wave: number) => boolean;
}

/**
 * Reads the log of one request in its order, which is that of the transactions, and checks on its own terms
 * what was allowed at each moment: that no wave starts before those before it have ended within their limits,
 * nor while a person has the word; that orders leave only while nothing is halted; that a host's outcome is
 * replaced only where that may be.
 */
export function checkStory(entries: readonly AuditTable[], { gate, waveOf, isManual }: OracleOptions): void {
  const hosts = new Map<string, Host>(
    [...waveOf].map(([name, wave]) => [name, { wave, outcome: null, isUnwell: false }]),
  );
  let halted: 'paused' | 'stopped' | undefined;
  let retriedSinceStop: number | undefined;
  let promoted = 0;
  let newest = 0;
  const orders = new Map<string, number>();
  const failedIn = (wave: number): number =>
    [...hosts.values()].filter(
      host =>
        host.wave === wave &&
        host.outcome !== null &&
        (gate.failing.includes(host.outcome) || (gate.health && host.isUnwell)),
    ).length;
  const sizeOf = (wave: number): number => [...hosts.values()].filter(host => host.wave === wave).length;
  const isIdle = (wave: number): boolean => {
    const outcomes = [...hosts.values()].filter(host => host.wave === wave).map(host => host.outcome);
    const ran = outcomes.filter(outcome => outcome === null || OUTCOMES[outcome].mayHaveRun);
    return outcomes.includes('not-applicable') && ran.length === 0;
  };
  const isWithin = (wave: number): boolean =>
    (gate.notApplicableOk || !isIdle(wave)) &&
    failedIn(wave) <= gate.maxFailedHosts &&
    failedIn(wave) * 1000 <= gate.maxFailedPermille * sizeOf(wave);
  const hostOf = (name: string | null): Host => hosts.get(name ?? '')!;
  for (const { kind, host, detail: text, seq } of entries) {
    const detail = JSON.parse(text);
    const place = `${seq} ${kind} ${text}`;
    switch (kind) {
      case 'wave-started':
      case 'wave-passed-over':
        expect(halted, place).toBeUndefined();
        expect(detail.wave, place).toBe(newest + 1);
        for (let wave = 1; wave <= newest; wave++) {
          expect(isWithin(wave), place).toBe(true);
          const open = [...hosts.values()].filter(each => each.wave === wave && each.outcome === null);
          expect(open, place).toEqual([]);
        }
        if (newest > 0 && isManual(newest) && sizeOf(newest) > 0) expect(promoted, place).toBe(newest);
        newest = detail.wave;
        break;
      case 'order-made':
        orders.set(detail.order, detail.attempt);
        break;
      case 'order-published':
        if (halted) expect(orders.get(detail.order), place).toBe(retriedSinceStop);
        break;
      case 'rollout-paused':
        halted = 'paused';
        break;
      case 'rollout-stopped':
        halted = 'stopped';
        retriedSinceStop = undefined;
        break;
      case 'rollout-resumed':
        for (let wave = 1; wave <= newest; wave++) expect(isWithin(wave), place).toBe(true);
        halted = undefined;
        break;
      case 'rollout-promoted':
        promoted = newest;
        break;
      case 'rollout-retried':
        if (halted) retriedSinceStop = detail.attempt;
        break;
      case 'hosts-retried':
        for (const name of detail.hosts) {
          expect(
            ['refused', 'not-applicable', 'compile-error', 'load-error', 'unreachable'],
            place,
          ).toContain(hostOf(name).outcome);
          Object.assign(hostOf(name), { outcome: null, isUnwell: false });
        }
        break;
      case 'hosts-unreachable':
        for (const name of detail.hosts) {
          expect(hostOf(name).outcome, place).toBeNull();
          hostOf(name).outcome = 'unreachable';
        }
        break;
      case 'hosts-unhealthy':
        for (const [name] of detail.hosts) hostOf(name).isUnwell = true;
        break;
      case 'host-answered':
      case 'host-given-up':
        expect([null, 'unreachable'], place).toContain(hostOf(host).outcome);
        hostOf(host).outcome = detail.outcome;
        break;
    }
  }
}
