import { globMatches } from '../glob/index.ts';
import type { Comparison, Selector } from './selector.ts';

/**
 * Finds the value of a label or fact of a host by its name: one text, or several if it can have several;
 * undefined if the host has no such label.
 */
export type FactLookup = (name: string) => string | readonly string[] | undefined;

/** Whether `selector` matches the host of which `lookUp` finds the labels and facts. */
export function selectorMatches(selector: Selector, lookUp: FactLookup): boolean {
  switch (selector.kind) {
    case 'all':
      return true;
    case 'and':
      return selector.of.every(each => selectorMatches(each, lookUp));
    case 'or':
      return selector.of.some(each => selectorMatches(each, lookUp));
    case 'not':
      return !selectorMatches(selector.of, lookUp);
    case 'present':
      return lookUp(selector.name) !== undefined;
    default:
      return comparisonHolds(selector, lookUp(selector.name));
  }
}

/** If there are several values, one that fits is enough; so `!=` means that none fits. */
function comparisonHolds({ kind, values }: Comparison, found: ReturnType<FactLookup>): boolean {
  if (found === undefined) return false;
  const fits = (value: string, text: string): boolean =>
    kind === 'equal' ? globMatches(value, text) : beginsWith(text, value);
  return [found].flat().some(text => values.some(value => fits(value, text)));
}

/**
 * Whether `text` is `start`, or continues after it with a character that is no letter or digit: 6.1 begins
 * 6.1.0, not 6.10.
 */
function beginsWith(text: string, start: string): boolean {
  if (!text.startsWith(start)) return false;
  return text.length === start.length || !isWord(text[start.length]!) || !isWord(start.at(-1)!);
}

function isWord(character: string): boolean {
  return /[A-Za-z0-9]/.test(character);
}
