import type { ReactElement } from 'react';
import type { OutcomeCount } from '../api/index.ts';
import { count, OUTCOME_STYLE, OUTCOMES_SHOWN } from '../text/index.ts';
import { OutcomeBadge } from './badge.tsx';

/** How many hosts ended in which outcome. */
export interface BarProps {
  readonly outcomes: readonly OutcomeCount[];
  /** All hosts; those without an outcome count as waiting. */
  readonly expected: number;
  readonly isThin?: boolean;
}

/** One bar of all hosts, in the order of reports. Every part is visible, however few hosts it has. */
export function OutcomeBar({ outcomes, expected, isThin = false }: BarProps): ReactElement {
  const counts = countsOf(outcomes, expected);
  const label = counts.map(({ outcome, hosts }) => `${count(hosts)} ${outcome}`).join(', ');
  return (
    <div className={isThin ? 'bar bar-thin' : 'bar'} role="img" aria-label={label || 'no hosts'}>
      {counts.map(({ outcome, hosts }) => (
        <span
          key={outcome}
          className={`bar-part tone-${OUTCOME_STYLE[outcome].tone} bar-${outcome}`}
          style={{ flexGrow: hosts }}
        />
      ))}
    </div>
  );
}

/** The parts of an {@link OutcomeBar} as numbers and names. */
export function OutcomeLegend({ outcomes, expected }: BarProps): ReactElement {
  return (
    <ul className="legend">
      {countsOf(outcomes, expected).map(({ outcome, hosts }) => (
        <li key={outcome}>
          <b>{count(hosts)}</b> <OutcomeBadge outcome={outcome} />
        </li>
      ))}
    </ul>
  );
}

function countsOf(outcomes: readonly OutcomeCount[], expected: number) {
  const answered = outcomes.reduce((sum, { hosts }) => sum + hosts, 0);
  const all = new Map<string, number>(outcomes.map(({ outcome, hosts }) => [outcome, hosts]));
  all.set('waiting', Math.max(0, expected - answered));
  return OUTCOMES_SHOWN.map(outcome => ({ outcome, hosts: all.get(outcome) ?? 0 })).filter(
    ({ hosts }) => hosts > 0,
  );
}
