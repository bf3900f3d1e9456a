import type { Expression, Statement } from './ast.ts';
import type { Parser } from './parser.ts';

/** `guard(mutex)(&m);` (include/linux/cleanup.h, v6.12); `guard` comes next. */
export function parseGuard(parser: Parser): Statement {
  const { cursor } = parser;
  const { at } = cursor.next();
  cursor.expect('(', 'after guard');
  const { name } = cursor.identifier('the kind of a lock, such as mutex');
  cursor.expect(')', 'after the kind of the lock');
  cursor.expect('(', `for the lock itself: guard(${name})(…)`);
  const argument = cursor.sees(')') ? undefined : parser.assignment();
  cursor.expect(')', 'after the lock');
  if (cursor.peek().kind !== 'end') cursor.expect(';', 'after the guard');
  return { kind: 'guard', lock: name, argument, at };
}

/** `scoped_guard(mutex, &m) statement`. `body` reads the statement. */
export function parseScopedGuard(parser: Parser, body: (parser: Parser) => Statement): Statement {
  const { cursor } = parser;
  const { at } = cursor.next();
  cursor.expect('(', 'after scoped_guard');
  const { name } = cursor.identifier('the kind of a lock, such as mutex');
  const argument = parseArgument(parser);
  return { kind: 'scoped-guard', lock: name, argument, failed: undefined, body: body(parser), at };
}

/** `scoped_cond_guard(mutex_try, return -EBUSY, &m) statement`. */
export function parseScopedCondGuard(parser: Parser, body: (parser: Parser) => Statement): Statement {
  const { cursor } = parser;
  const { at } = cursor.next();
  cursor.expect('(', 'after scoped_cond_guard');
  const { name } = cursor.identifier('the kind of a lock, such as mutex_try');
  cursor.expect(',', 'and what to do where the lock is not taken');
  const failed = parseFailed(parser);
  const argument = parseArgument(parser);
  return { kind: 'scoped-guard', lock: name, argument, failed, body: body(parser), at };
}

/** `, argument)` or `)`. */
function parseArgument(parser: Parser): Expression | undefined {
  const argument = parser.cursor.takes(',') ? parser.assignment() : undefined;
  parser.cursor.expect(')', 'after the lock');
  return argument;
}

/** A statement without its `;`: a comma ends it, as it ends the argument of a macro. */
function parseFailed(parser: Parser): Statement {
  const { cursor } = parser;
  const { at } = cursor.peek();
  if (cursor.sees('{')) return { kind: 'block', statements: parser.block(), at };
  if (cursor.sees(',') || cursor.sees(')')) return { kind: 'block', statements: [], at };
  for (const kind of ['break', 'continue'] as const) if (cursor.takesIdentifier(kind)) return { kind, at };
  if (cursor.takesIdentifier('goto'))
    return { kind: 'goto', name: cursor.identifier('the name of a label after goto').name, at };
  if (!cursor.takesIdentifier('return')) return { kind: 'expression', expression: parser.assignment(), at };
  const isBare = cursor.sees(',') || cursor.sees(')');
  return { kind: 'return', value: isBare ? undefined : parser.assignment(), at };
}
