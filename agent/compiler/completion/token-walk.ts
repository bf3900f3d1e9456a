import type { Token } from '../preprocessor/index.ts';

const PAIRS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Words that stand before a parenthesis without being called. */
const NOT_CALLED = new Set(['if', 'while', 'for', 'switch', 'return', 'case', 'else', 'do', 'goto']);

/** Whether a token is one of these punctuators. */
export function isPunctuator(token: Token | undefined, ...texts: readonly string[]): boolean {
  return token?.kind === 'punctuator' && texts.includes(token.text);
}

/** Whether a token is one of these words. */
export function isIdentifier(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'identifier' && words.includes(token.name);
}

/**
 * Number of the bracket that closes the one at `open`; undefined where none stands there, or it is not
 * closed.
 */
export function closingOf(tokens: readonly Token[], open: number): number | undefined {
  if (!isPunctuator(tokens[open], '(', '[', '{')) return undefined;
  const open_: string[] = [];
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (token.kind !== 'punctuator') continue;
    if (token.text in PAIRS) open_.push(PAIRS[token.text]!);
    else if (token.text === open_.at(-1)) {
      open_.pop();
      if (open_.length === 0) return at;
    }
  }
  return undefined;
}

/** Number of the bracket that the one at `close` closes. */
function openingOf(tokens: readonly Token[], close: number): number | undefined {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    if (isPunctuator(tokens[at], ')', ']', '}')) depth++;
    else if (isPunctuator(tokens[at], '(', '[', '{') && --depth === 0) return at;
  }
  return undefined;
}

/** Number of the innermost bracket before `end` that is not closed there. */
export function openBracketBefore(tokens: readonly Token[], end: number): number | undefined {
  let depth = 0;
  for (let at = end - 1; at >= 0; at--) {
    if (isPunctuator(tokens[at], ')', ']', '}')) depth++;
    else if (isPunctuator(tokens[at], '(', '[', '{') && depth-- === 0) return at;
  }
  return undefined;
}

/**
 * Where the postfix expression starts whose last token is number `last` (C11 6.5.2): `a.b[i]->c(d)` in
 * `x = *a.b[i]->c(d)`. `isCast` says whether a parenthesis starts a type name. Undefined where no expression
 * ends there.
 */
export function operandStart(
  tokens: readonly Token[],
  last: number,
  isCast: (open: number) => boolean,
): number | undefined {
  for (let at = last; at >= 0; ) {
    const token = tokens[at]!;
    if (isPunctuator(token, '++', '--')) {
      at--;
    } else if (isPunctuator(token, ')', ']', '}')) {
      const open = openingOf(tokens, at);
      if (open === undefined) return undefined;
      if (!continues(tokens, open, isCast)) return isPunctuator(token, ')') ? open : undefined;
      at = open - 1;
    } else if (token.kind === 'identifier' && isPunctuator(tokens[at - 1], '.', '->', '@')) {
      at -= 2;
    } else {
      return token.kind === 'punctuator' || token.kind === 'end' ? undefined : at;
    }
  }
  return undefined;
}

/**
 * Whether what stands before a bracket is a part of the expression: what is called, indexed, or made by a
 * list.
 */
function continues(tokens: readonly Token[], open: number, isCast: (open: number) => boolean): boolean {
  const before = tokens[open - 1];
  if (before === undefined) return false;
  if (isPunctuator(tokens[open], '{')) return isPunctuator(before, ')');
  if (before.kind === 'identifier') return !NOT_CALLED.has(before.name);
  if (!isPunctuator(before, ')', ']')) return false;
  if (isPunctuator(tokens[open], '[')) return true;
  const group = isPunctuator(before, ')') ? openingOf(tokens, open - 1) : undefined;
  return group === undefined || !(isCast(group) || isIdentifier(tokens[group - 1], ...NOT_CALLED));
}
