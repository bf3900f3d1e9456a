import { styleText } from 'node:util';
import type { Outcome } from '../../../shared/outcome/index.ts';

type Colour = 'green' | 'yellow' | 'red';

/** Green is well, yellow is "nothing was done", red is for a person to look at. */
const COLOURS: Readonly<Record<Outcome, Colour>> = {
  returned: 'green',
  skipped: 'green',
  refused: 'yellow',
  'not-applicable': 'yellow',
  'compile-error': 'yellow',
  'load-error': 'yellow',
  faulted: 'red',
  'timed-out': 'red',
  unknown: 'red',
  expired: 'yellow',
  unreachable: 'yellow',
};

/** What colours the name of an outcome; nothing where nobody looks, or where NO_COLOR asks for none. */
export function outcomePaint(outcome: Outcome, isInteractive: boolean): (text: string) => string {
  if (!isInteractive) return text => text;
  return text => styleText(COLOURS[outcome], text, { stream: process.stdout });
}
