import { FarcallError } from '../../shared/errors/index.ts';

/** The comparisons that a condition may have, longer ones first. */
const OPERATORS = ['!=', '>=', '<=', '=', '>', '<'] as const;

/** A comparison of a condition. */
export type Comparison = (typeof OPERATORS)[number];

/** One condition on a row: `age>30`. */
export interface Condition {
  readonly column: string;
  readonly comparison: Comparison;
  /** A number, or a pattern with `*` and `?`. */
  readonly value: string;
}

const CONDITIONS_LIMIT = 16;

/**
 * The conditions in `text`: `comm=nfsd*,age>30`. A row must meet all of them. A column or a value stands in
 * double quotes if it contains a comma, a blank at an end or a comparison; the arrow of C needs none. Throws
 * CONFIG_INVALID with the place.
 */
export function parseWhere(text: string): readonly Condition[] {
  const conditions: Condition[] = [];
  let at = 0;
  const fail = (message: string): FarcallError =>
    new FarcallError('CONFIG_INVALID', `the condition, character ${at + 1}: ${message}`);
  const take = (plain: RegExp, what: string): string => {
    const rest = text.slice(at);
    const quoted = /^\s*"((?:[^"\\]|\\["\\])*)"\s*/.exec(rest);
    if (!quoted && /^\s*"/.test(rest)) throw fail(`${what} begins with a quote, and no quote ends it`);
    const found = quoted?.[0] ?? plain.exec(rest)?.[0] ?? '';
    const value = quoted ? quoted[1]!.replace(/\\(["\\])/g, '$1') : found.trim();
    if (!quoted && value === '') throw fail(`expected ${what}, as in comm=nfsd*,age>30`);
    at += found.length;
    return value;
  };
  while (at < text.length) {
    if (conditions.length === CONDITIONS_LIMIT) throw fail(`more than ${CONDITIONS_LIMIT} conditions`);
    const column = take(/^(?:->|[^=!<>,"])*/, 'the name of a column');
    const comparison = OPERATORS.find(operator => text.startsWith(operator, at));
    if (!comparison) throw fail(`expected one of ${OPERATORS.join(' ')} behind '${column}'`);
    at += comparison.length;
    const value = take(/^[^,"]*/, `a value for '${column}'`);
    if (!['=', '!='].includes(comparison) && !/^-?(\d+(\.\d+)?|0x[0-9a-fA-F]+)$/.test(value))
      throw fail(`'${comparison}' compares numbers, and '${value}' is none`);
    conditions.push({ column, comparison, value });
    if (at < text.length && text[at] !== ',') throw fail("expected ',' before the next condition");
    at += 1;
    if (at === text.length) throw fail("a condition is missing behind the last ','");
  }
  return conditions;
}
