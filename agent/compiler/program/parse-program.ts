import type { Expression } from './ast.ts';
import { Cursor } from './cursor.ts';
import { tokenize } from './lexer.ts';
import { parseExpression } from './parse-expression.ts';
import type { IsTypedef } from './parse-type-name.ts';

/**
 * The expression that a call program is; a `;` may end it. Throws PROGRAM_TOO_LARGE, PROGRAM_SYNTAX or
 * PROGRAM_UNSUPPORTED with line, column and caret.
 */
export function parseProgram(text: string, isTypedef: IsTypedef): Expression {
  const cursor = new Cursor(text, tokenize(text));
  if (cursor.peek().kind === 'end')
    throw cursor.error(0, 'the program is empty; write a call such as _printk("hello\\n")');
  const expression = parseExpression(cursor, isTypedef);
  cursor.takes(';');
  if (cursor.peek().kind !== 'end') throw cursor.unexpected('the end of the program');
  return expression;
}
