import { styleText } from 'node:util';
import { OUTCOMES, type Outcome, type OutcomeTone } from '../../../shared/outcome/index.ts';

/** Green went well, yellow did nothing, red needs a person. */
const COLOURS = { ok: 'green', skip: 'green', held: 'yellow', bad: 'red' } as const satisfies Record<
  OutcomeTone,
  string
>;

/** What colours the name of an outcome; nothing where no colours are wanted. */
export function outcomePaint(outcome: Outcome, hasColours: boolean): (text: string) => string {
  if (!hasColours) return text => text;
  return text => styleText(COLOURS[OUTCOMES[outcome].tone], text, { validateStream: false });
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
