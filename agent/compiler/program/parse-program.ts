import type { Preprocessed } from '../preprocessor/index.ts';
import type { Program, Statement } from './ast.ts';
import { Cursor } from './cursor.ts';
import { parseStatement } from './parse-statement.ts';
import { type IsTypedef, Parser } from './parser.ts';

/**
 * The statements that a call program is; the last expression needs no `;`. Throws PROGRAM_TOO_LARGE,
 * PROGRAM_SYNTAX or PROGRAM_UNSUPPORTED with line, column and caret.
 */
export function parseProgram({ source, tokens }: Preprocessed, isTypedef: IsTypedef): Program {
  const cursor = new Cursor(source, tokens);
  if (cursor.peek().kind === 'end')
    throw cursor.error(0, 'the program is empty; write a call such as _printk("hello\\n")');
  const parser = new Parser(cursor, isTypedef);
  const statements: Statement[] = [];
  while (cursor.peek().kind !== 'end') {
    const statement = parseStatement(parser);
    if (statement) statements.push(statement);
  }
  return statements;
}
