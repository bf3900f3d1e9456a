import type { Expression, Statement, StatementLabel } from './ast.ts';
import { behindExpression, foreignLoop, foreignOperator, refuseForeignStatement } from './foreign-words.ts';
import { takeAttributes } from './parse-attributes.ts';
import { parseDeclarations, parseStaticAssert } from './parse-declaration.ts';
import { parseDeny } from './parse-deny.ts';
import { parseGuard, parseScopedCondGuard, parseScopedGuard } from './parse-guard.ts';
import { parseDesignators } from './parse-initializer.ts';
import { parseParameter, startsParameter } from './parse-parameter.ts';
import { looksLikeDeclaration, startsStorageClass, startsTypeName } from './parse-type-name.ts';
import { parseWatch, parseWatchGroup } from './parse-watch.ts';
import type { Parser } from './parser.ts';

/** A statement or declaration (C11 6.8), or undefined for an empty one. */
export function parseStatement(parser: Parser): Statement | undefined {
  return parser.cursor.nested(() => statement(parser));
}

function statement(parser: Parser): Statement | undefined {
  const { cursor } = parser;
  if (cursor.takes(';')) return undefined;
  const token = cursor.peek();
  if (cursor.sees('{')) return { kind: 'block', statements: parseBlock(parser), at: token.at };
  if (token.kind === 'identifier') {
    if (startsParameter(parser)) return parseParameter(parser);
    if (startsLabel(parser)) return parseLabelled(parser);
    if (takesFallThrough(parser)) return undefined;
    if (!parser.isDeclared(token.name)) refuseForeignStatement(cursor);
    const parse = isVariable(parser, token.name) ? undefined : KEYWORDS.get(token.name);
    if (parse) return parse(parser);
    if (startsStorageClass(parser) || startsDeclaration(parser)) return parseDeclarations(parser);
  }
  const expression = parser.comma();
  endStatement(parser, behindExpression(cursor, expression));
  return { kind: 'expression', expression, at: token.at };
}

/**
 * `fallthrough;` and `__attribute__((fallthrough));`, which say nothing; other attributes begin a
 * declaration.
 */
function takesFallThrough({ cursor }: Parser): boolean {
  if (!cursor.seesIdentifier('fallthrough') || !cursor.sees(';', 1))
    return takeAttributes(cursor) && cursor.takes(';');
  cursor.next();
  return cursor.takes(';');
}

/** Kernel code has variables called `guard` or `deny`, too. */
function isVariable({ cursor }: Parser, name: string): boolean {
  return (name === 'guard' || name === 'deny') && !cursor.sees('(', 1);
}

/** The `;` may be missing at the very end: the result of a program is often written without. */
function endStatement({ cursor }: Parser, hint = foreignOperator(cursor)): void {
  if (cursor.takes(';') || cursor.peek().kind === 'end') return;
  throw cursor.unexpected("';' after the expression", hint);
}

/** A typedef's name may be a function's as well, in BTF of many source files; what follows tells. */
function startsDeclaration(parser: Parser): boolean {
  if (!startsTypeName(parser)) return looksLikeDeclaration(parser);
  const { cursor } = parser;
  if (cursor.sees('(', 1)) return startsTypeofCall(parser) || cursor.sees('*', 2);
  return !cursor.sees('@', 1);
}

function startsTypeofCall({ cursor }: Parser): boolean {
  const token = cursor.peek();
  return token.kind === 'identifier' && /typeof/.test(token.name);
}

/** What a statement may begin with, but for declarations and expressions. */
export const KEYWORDS: ReadonlyMap<string, (parser: Parser) => Statement | undefined> = new Map([
  ['if', parseIf],
  ['for', parseFor],
  ['while', parseWhile],
  ['do', parseDo],
  ['switch', parseSwitch],
  ['goto', parseGoto],
  ['_Static_assert', parseStaticAssert],
  ['static_assert', parseStaticAssert],
  ['break', parser => parseJump(parser, 'break')],
  ['continue', parser => parseJump(parser, 'continue')],
  ['return', parseReturn],
  ['for_each_task', parseForEachTask],
  ['list_for_each_entry', parseListForEachEntry],
  ['guard', parseGuard],
  ['scoped_guard', parser => parseScopedGuard(parser, parseBody)],
  ['scoped_cond_guard', parser => parseScopedCondGuard(parser, parseBody)],
  ['watch', parser => parseWatch(parser, 'entry', parseBody)],
  ['watch_return', parser => parseWatch(parser, 'return', parseBody)],
  ['watch_any', parser => parseWatchGroup(parser, 'any', parseBody)],
  ['watch_all', parser => parseWatchGroup(parser, 'all', parseBody)],
  ['deny', parseDeny],
]);

/** The statements of the block that starts with the next token. */
export function parseBlock(parser: Parser): Statement[] {
  const { cursor } = parser;
  cursor.next();
  return parser.scoped(() => {
    const statements: Statement[] = [];
    while (!cursor.takes('}')) {
      if (cursor.peek().kind === 'end') throw cursor.unexpected('} for the { before');
      const each = parseStatement(parser);
      if (each) statements.push(each);
    }
    return statements;
  });
}

function startsLabel({ cursor }: Parser): boolean {
  if (cursor.seesIdentifier('case')) return true;
  return cursor.peek().kind === 'identifier' && cursor.sees(':', 1);
}

/**
 * Any number of labels, and what they stand before: in C23 also a declaration, or nothing at the end of a
 * block.
 */
function parseLabelled(parser: Parser): Statement {
  const { cursor } = parser;
  const { at } = cursor.peek();
  const labels: StatementLabel[] = [];
  while (startsLabel(parser)) labels.push(parseLabel(parser));
  const isLast = cursor.sees('}') || cursor.peek().kind === 'end';
  return { kind: 'labelled', labels, body: isLast ? undefined : parseStatement(parser), at };
}

function parseLabel(parser: Parser): StatementLabel {
  const { cursor } = parser;
  const { name, at } = cursor.identifier('a label');
  if (name !== 'case') {
    cursor.next();
    return name === 'default' ? { kind: 'default', at } : { kind: 'name', name, at };
  }
  const low = parser.conditional();
  const high = cursor.takes('...') ? parser.conditional() : undefined;
  cursor.expect(':', "after the value of 'case'");
  return { kind: 'case', low, high, at };
}

function parseSwitch(parser: Parser): Statement {
  const { at } = parser.cursor.next();
  const value = parseCondition(parser, 'switch');
  return { kind: 'switch', value, body: parseBody(parser), at };
}

function parseGoto(parser: Parser): Statement {
  const { cursor } = parser;
  const { at } = cursor.next();
  if (cursor.sees('*')) throw cursor.error(at, 'call programs have no computed goto', 'PROGRAM_UNSUPPORTED');
  const { name } = cursor.identifier('the name of a label after goto');
  endStatement(parser);
  return { kind: 'goto', name, at };
}

/** The statement that a loop or a condition governs. */
function parseBody(parser: Parser): Statement {
  const { at } = parser.cursor.peek();
  return parser.scoped(() => parseStatement(parser) ?? { kind: 'block', statements: [], at });
}

function parseCondition(parser: Parser, of: string): Expression {
  const { cursor } = parser;
  cursor.expect('(', `after ${of}`);
  const condition = parser.comma();
  if (!cursor.takes(')'))
    throw cursor.unexpected(`')' after the condition of ${of}`, foreignOperator(cursor));
  return condition;
}

/** A chain of `else if` is no nesting: it may be as long as the program. */
function parseIf(parser: Parser): Statement {
  const { cursor } = parser;
  const links: Omit<Extract<Statement, { kind: 'if' }>, 'kind' | 'otherwise'>[] = [];
  let otherwise: Statement | undefined;
  for (let isChain = true; isChain; ) {
    const { at } = cursor.next();
    const condition = parseCondition(parser, 'if');
    links.push({ condition, then: parseBody(parser), at });
    const hasElse = cursor.takesIdentifier('else');
    isChain = hasElse && cursor.seesIdentifier('if');
    if (hasElse && !isChain) otherwise = parseBody(parser);
  }
  for (const link of links.reverse()) otherwise = { kind: 'if', ...link, otherwise };
  return otherwise!;
}

function parseFor(parser: Parser): Statement {
  const { cursor } = parser;
  const { at } = cursor.next();
  if (!cursor.takes('(')) throw cursor.unexpected("'(' after for", foreignLoop(cursor));
  return parser.scoped(() => {
    const start = parseStatement(parser);
    if (start && start.kind !== 'declare' && start.kind !== 'expression')
      throw cursor.error(start.at, "a 'for' must start with a declaration or an expression");
    const condition = cursor.sees(';') ? undefined : parser.comma();
    cursor.expect(';', 'after the condition of for');
    const step = cursor.sees(')') ? undefined : parser.comma();
    cursor.expect(')', 'after the step of for');
    return { kind: 'for', start, condition, step, body: parseBody(parser), at };
  });
}

function parseWhile(parser: Parser): Statement {
  const { at } = parser.cursor.next();
  const condition = parseCondition(parser, 'while');
  return { kind: 'while', condition, body: parseBody(parser), at };
}

function parseDo(parser: Parser): Statement {
  const { at } = parser.cursor.next();
  const body = parseBody(parser);
  const { name, at: whileAt } = parser.cursor.identifier("'while' after the body of do");
  if (name !== 'while') throw parser.cursor.error(whileAt, `expected 'while' after the body of do`);
  const condition = parseCondition(parser, 'while');
  endStatement(parser);
  return { kind: 'do', condition, body, at };
}

function parseJump(parser: Parser, kind: 'break' | 'continue'): Statement {
  const { at } = parser.cursor.next();
  endStatement(parser);
  return { kind, at };
}

function parseReturn(parser: Parser): Statement {
  const { at } = parser.cursor.next();
  const isBare = parser.cursor.sees(';') || parser.cursor.peek().kind === 'end';
  const value = isBare ? undefined : parser.comma();
  endStatement(parser);
  return { kind: 'return', value, at };
}

/** `for_each_task (t) statement`: `t` is declared by it where it is no variable yet. */
function parseForEachTask(parser: Parser): Statement {
  const { cursor } = parser;
  const { at } = cursor.next();
  cursor.expect('(', 'after for_each_task');
  const { name } = cursor.identifier('the name of a variable');
  cursor.expect(')', 'after the variable of for_each_task');
  return parser.scoped(() => {
    parser.declare(name);
    return { kind: 'for-each-task', name, body: parseBody(parser), at };
  });
}

/** `list_for_each_entry(pos, head, member) statement`, include/linux/list.h, v6.12. */
function parseListForEachEntry(parser: Parser): Statement {
  const { cursor } = parser;
  const { at } = cursor.next();
  cursor.expect('(', 'after list_for_each_entry');
  const position = parser.assignment();
  cursor.expect(',', 'after the variable of list_for_each_entry');
  const head = parser.assignment();
  cursor.expect(',', 'after the head of list_for_each_entry');
  const path = parseDesignators(parser);
  cursor.expect(')', 'of list_for_each_entry');
  return { kind: 'list-for-each-entry', position, head, path, body: parseBody(parser), at };
}
