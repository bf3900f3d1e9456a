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

/** What colours the name of an outcome; nothing where no colours are wanted. */
export function outcomePaint(outcome: Outcome, hasColours: boolean): (text: string) => string {
  if (!hasColours) return text => text;
  return text => styleText(COLOURS[outcome], text, { validateStream: false });
}

/**
 * Whether colours are wanted on stdout: on a terminal, but not with NO_COLOR (https://no-color.org) or on a dumb one.
 * FORCE_COLOR decides over both, as in Node: 0 and false are no, everything else is yes.
 */
export function wantsColours(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: term } = env;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTerminal && !none && term !== 'dumb';
}
