import { FarcallError } from '../../../shared/errors/index.ts';
import type { Preprocessed, Token } from '../preprocessor/index.ts';
import type { Statement } from './ast.ts';
import { Cursor } from './cursor.ts';
import { parseStatement } from './parse-statement.ts';
import { type IsTypedef, Parser } from './parser.ts';

/** Most errors that one check reports. */
const ERRORS_LIMIT = 20;

/** A text as far as it can be understood. */
export interface ParsedText {
  /** The statements that could be read; those of a block only where all of it could. */
  readonly statements: readonly Statement[];
  /** At most one for each outermost statement. */
  readonly errors: readonly FarcallError[];
}

/** As `parseProgram`, but goes on behind the statement in which an error stands. */
export function parseWithErrors({ source, tokens }: Preprocessed, isTypedef: IsTypedef): ParsedText {
  const statements: Statement[] = [];
  const errors: FarcallError[] = [];
  const types = new Map<string, boolean>();
  for (let next = 0; errors.length < ERRORS_LIMIT && !isEnd(tokens[next]); ) {
    const cursor = new Cursor(source, tokens, next);
    const parser = new Parser(cursor, name => types.get(name) ?? isTypedef(name));
    const parsed = attempt(errors, () => ({ statement: parseStatement(parser) }));
    next = parsed ? cursor.position : statementEnd(tokens, next);
    if (!parsed?.statement) continue;
    statements.push(parsed.statement);
    noteNames(parsed.statement, types);
  }
  return { statements, errors };
}

function attempt<T>(errors: FarcallError[], work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof FarcallError) || thrown.code === 'INTERNAL') throw thrown;
    errors.push(thrown);
    return undefined;
  }
}

function isEnd(token: Token | undefined): boolean {
  return token === undefined || token.kind === 'end';
}

/** Each statement has a parser of its own here, which must know what the ones before declared. */
function noteNames(statement: Statement, types: Map<string, boolean>): void {
  if (statement.kind === 'function' || statement.kind === 'parameter') types.set(statement.name, false);
  if (statement.kind !== 'declare') return;
  for (const { name, storage } of statement.declarations) types.set(name, storage === 'typedef');
}

/**
 * Where the statement that starts at `start` ends, going by its brackets; where they do not match, at its
 * first `;`.
 */
function statementEnd(tokens: readonly Token[], start: number): number {
  let depth = 0;
  let firstEnd: number | undefined;
  for (let at = start; !isEnd(tokens[at]); at++) {
    const token = tokens[at]!;
    if (token.kind !== 'punctuator') continue;
    if ('([{'.includes(token.text)) depth++;
    if (')]}'.includes(token.text)) depth--;
    if (token.text === ';') firstEnd ??= at + 1;
    if (depth <= 0 && (token.text === ';' || (token.text === '}' && !isElse(tokens[at + 1])))) return at + 1;
  }
  return firstEnd ?? tokens.length;
}

function isElse(token: Token | undefined): boolean {
  return token?.kind === 'identifier' && token.name === 'else';
}
