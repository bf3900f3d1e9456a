import { styleText } from 'node:util';
import { OUTCOMES, type Outcome, type OutcomeTone } from '../../../shared/outcome/index.ts';

/** Green: the call ended well. Yellow: nothing ran. Red: a person must look. */
const COLOURS = { ok: 'green', skip: 'green', held: 'yellow', bad: 'red' } as const satisfies Record<
  OutcomeTone,
  string
>;

/** A function that colours the name of an outcome, or returns it unchanged without colours. */
export function outcomeColour(outcome: Outcome, hasColours: boolean): (text: string) => string {
  if (!hasColours) return text => text;
  return text => styleText(COLOURS[OUTCOMES[outcome].tone], text, { validateStream: false });
}
