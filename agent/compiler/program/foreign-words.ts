import type { Expression } from './ast.ts';
import type { Cursor } from './cursor.ts';

const VARIABLE = 'a variable is declared with its type, as in int x = 5; or auto x = 5;';
const FUNCTION = 'a function is written as in static int f(int x) { return x; }';
const LOOPS = 'loops are for (int i = 0; i < n; i++), while (…), for_each_task (t), list_for_each_entry (…)';

/** Words of other languages that begin a statement there, and what C has. */
const BEGINNINGS: ReadonlyMap<string, string> = new Map([
  ...['let', 'var', 'val', 'my', 'local'].map(word => [word, VARIABLE] as const),
  ...['def', 'fn', 'func', 'function', 'sub', 'fun', 'proc'].map(word => [word, FUNCTION] as const),
  ...['elif', 'elsif', 'elseif', 'elsf'].map(word => [word, 'write else if (…)'] as const),
  ...['foreach', 'loop', 'until', 'repeat'].map(word => [word, LOOPS] as const),
  ...['try', 'catch', 'except', 'finally', 'raise', 'throw'].map(
    word =>
      [
        word,
        'a bad pointer ends the program; require(condition) ends it where something does not hold',
      ] as const,
  ),
  ...['import', 'from', 'use', 'using', 'package', 'namespace'].map(
    word => [word, 'types and functions of the kernel are there without it, and so is the library'] as const,
  ),
  ...['print', 'echo', 'puts', 'println', 'say', 'printf'].map(
    word => [word, 'report(value, …) adds a row to the result'] as const,
  ),
  ...['BEGIN', 'END', 'kprobe', 'tracepoint'].map(
    word =>
      [
        word,
        'a program runs once from its beginning to its end; watch (function, a, b) … waits for a function',
      ] as const,
  ),
  ...['match', 'unless', 'when'].map(word => [word, 'write if (…) or switch (…)'] as const),
  ...['class', 'impl', 'trait', 'interface', 'public', 'private'].map(
    word => [word, 'C has struct, and functions outside of it'] as const,
  ),
  ['new', 'declare a variable, or take memory of the kernel with kmalloc(bytes, GFP_KERNEL)'],
  ['delete', 'kfree() gives memory of the kernel back'],
  ['pass', 'a ; alone does nothing'],
  ['not', 'write !'],
]);

/** The same within an expression. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ...[
    ['and', '&&'],
    ['or', '||'],
    ['is', '=='],
    ['eq', '=='],
    ['ne', '!='],
    ['not', '!='],
    ['xor', '^'],
    ['mod', '%'],
  ].map(([word, operator]) => [word!, `write ${operator}`] as const),
  ...['then', 'do', 'begin'].map(word => [word, 'a condition is in parentheses: if (…) statement'] as const),
  ['in', LOOPS],
  ['as', 'a cast is written (type)value'],
]);

/**
 * Throws PROGRAM_SYNTAX where a statement begins with a word of another language, and goes on as nothing in C
 * does.
 */
export function refuseForeignStatement(cursor: Cursor): void {
  const token = cursor.peek();
  if (token.kind !== 'identifier') return;
  if (token.name === 'else') throw cursor.error(token.at, "there is no 'if' right before this 'else'");
  const instead = BEGINNINGS.get(token.name);
  if (instead !== undefined && goesOnUnlikeC(cursor))
    throw cursor.error(token.at, `C has no '${token.name}': ${instead}`);
}

function goesOnUnlikeC(cursor: Cursor): boolean {
  const next = cursor.peek(1);
  if (next.kind === 'punctuator') return next.text === '{';
  return next.kind !== 'end';
}

/**
 * What C has for the word that stands where an expression should have ended; empty where nothing is known.
 */
export function foreignOperator(cursor: Cursor): string {
  const token = cursor.peek();
  if (token.kind === 'punctuator' && (token.text === ')' || token.text === ']'))
    return `; nothing before it opens this ${token.text}`;
  const instead = token.kind === 'identifier' ? OPERATORS.get(token.name) : undefined;
  return instead === undefined ? '' : `; ${instead}`;
}

/** The same behind an expression that is a statement: it may be what is wrong. */
export function behindExpression(cursor: Cursor, expression: Expression): string {
  const found = foreignOperator(cursor);
  if (found !== '') return found;
  if (expression.kind === 'call' && expression.callee.kind === 'identifier') {
    const { name } = expression.callee;
    if (/for_each/.test(name)) return `; there is no loop '${name}'`;
    const instead = BEGINNINGS.get(name);
    return instead === undefined ? '' : `; C has no '${name}': ${instead}`;
  }
  const next = cursor.peek();
  const isValue = next.kind === 'string' || next.kind === 'integer' || next.kind === 'character';
  return expression.kind === 'identifier' && isValue ? `; a call is written ${expression.name}(…)` : '';
}

/** What loops there are, where a `for` is not one of C. */
export function foreignLoop(cursor: Cursor): string {
  return cursor.peek().kind === 'identifier' ? `; ${LOOPS}` : '';
}
