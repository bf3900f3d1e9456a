import type { Preprocessed } from '../preprocessor/index.ts';
import type { Program, Statement } from './ast.ts';
import { Cursor } from './cursor.ts';
import { parseStatement } from './parse-statement.ts';
import { type IsTypedef, Parser } from './parser.ts';

/**
 * The statements that a call program is; the last expression needs no `;`. Throws PROGRAM_TOO_LARGE,
 * PROGRAM_SYNTAX or PROGRAM_UNSUPPORTED with line, column and caret.
 */
export function parseProgram(preprocessed: Preprocessed, isTypedef: IsTypedef): Program {
  const cursor = new Cursor(preprocessed.source, preprocessed.tokens);
  if (cursor.peek().kind === 'end')
    throw cursor.error(0, 'the program is empty; write a call such as _printk("hello\\n")');
  const statements = parseAll(new Parser(cursor, isTypedef));
  const [first] = statements;
  if (first?.kind === 'function' && statements.every(({ kind }) => kind === 'function'))
    throw cursor.error(
      first.at,
      `nothing calls '${first.name}': the statements of a program stand outside of its functions; end it with ${first.name}(…);`,
    );
  return statements;
}

/** A library as statements, and what a parser of a program behind it must know. */
export interface ParsedLibrary {
  readonly statements: Program;
  /** Whether a name is a type for a program behind the library. */
  readonly isTypedef: IsTypedef;
}

/** The same for a part of the library, which may be empty. */
export function parseLibrary({ source, tokens }: Preprocessed, isTypedef: IsTypedef): ParsedLibrary {
  const parser = new Parser(new Cursor(source, tokens), isTypedef);
  return { statements: parseAll(parser), isTypedef: parser.isTypedef };
}

function parseAll(parser: Parser): Statement[] {
  const statements: Statement[] = [];
  while (parser.cursor.peek().kind !== 'end') {
    const statement = parseStatement(parser);
    if (statement) statements.push(statement);
  }
  return statements;
}
