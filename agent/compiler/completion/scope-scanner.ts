import {
  CheckContext,
  ErrorRecovery,
  type KernelNames,
  StatementChecker,
  typeOfName,
} from '../check/index.ts';
import { type CType, pointerTo } from '../ctype/index.ts';
import type { Token } from '../preprocessor/index.ts';
import { Cursor, Parser, parseStatement, type Statement } from '../program/index.ts';
import { closingOf, isPunctuator } from './token-walk.ts';

/** Words before a parenthesis that is no part of a statement of its own. */
const HEADS = new Set(['if', 'while', 'switch', 'list_for_each_entry']);
const WORDS = new Set(['else', 'do']);

/** Errors are dropped here, so their locations need not be found in the text. */
const NO_TEXT = '';

/**
 * So many statements may be broken; in a text with more, only whole declarations of its beginning are known.
 */
const BROKEN_LIMIT = 200;

/** What opened a scope: a `{`, or the head of a loop, whose names live as long as its body. */
type ScopeKind = 'block' | 'head';

/**
 * Goes through the tokens before a position, statement by statement, and declares what they declare, so that
 * a checker knows which names exist at the position, and their types. What is broken or unfinished is passed
 * over; blocks that were closed are out of sight, as C has it (C11 6.2.1).
 */
export class ScopeScanner {
  readonly context: CheckContext;
  /** The type of the object that an unfinished initialiser at the position is for. */
  initialised: CType | undefined;
  readonly #tokens: readonly Token[];
  readonly #names: KernelNames;
  readonly #statements: StatementChecker;
  readonly #recovery: ErrorRecovery;
  readonly #frames: ScopeKind[] = [];
  #at = 0;
  #broken = 0;

  /** `tokens` end with one of kind `end`, which marks the position. */
  constructor(tokens: readonly Token[], names: KernelNames) {
    this.#tokens = tokens;
    this.#names = names;
    this.context = new CheckContext(NO_TEXT, names);
    this.#recovery = new ErrorRecovery(NO_TEXT);
    this.#statements = new StatementChecker(this.context, this.#recovery);
  }

  /** A parser over `tokens`, which knows what was declared. */
  parserOf(tokens: readonly Token[], start = 0): Parser {
    return new Parser(new Cursor(NO_TEXT, tokens, start), name => {
      const binding = this.context.scope.find(name);
      return binding ? binding.kind === 'type' : this.#names.isTypedef(name);
    });
  }

  /** Reads all of it. */
  read(): void {
    while (!this.#isEnd(this.#at)) {
      const before = this.#at;
      this.#step();
      // Whatever a step made of its token, the next one is another.
      if (this.#at <= before) this.#at = before + 1;
    }
  }

  #isEnd(at: number): boolean {
    return at >= this.#tokens.length || this.#tokens[at]!.kind === 'end';
  }

  #step(): void {
    const token = this.#tokens[this.#at]!;
    if (isPunctuator(token, '{')) return this.#open('block', 1);
    if (isPunctuator(token, '}')) return this.#closeBlock();
    if (isPunctuator(token, ';')) return this.#bodyEnds(this.#at + 1);
    if (token.kind === 'identifier') {
      if (token.name === 'for') return this.#for();
      if (token.name === 'for_each_task') return this.#forEachTask();
      if (HEADS.has(token.name)) return this.#skipHead();
      if (WORDS.has(token.name)) {
        this.#at++;
        return;
      }
    }
    this.#statement();
  }

  #open(frame: ScopeKind, tokens: number): void {
    this.context.scope.enter();
    this.#frames.push(frame);
    this.#at += tokens;
  }

  #closeBlock(): void {
    while (this.#frames.length > 0) {
      this.context.scope.leave();
      if (this.#frames.pop() === 'block') break;
    }
    this.#bodyEnds(this.#at + 1);
  }

  /** A statement is over, and with it the loops of which it is the body. */
  #bodyEnds(next: number): void {
    while (this.#frames.at(-1) === 'head') {
      this.context.scope.leave();
      this.#frames.pop();
    }
    this.#at = next;
  }

  /** `for (int i = 0; …)`: what its first part declares is known up to the end of its body. */
  #for(): void {
    const start = this.#at;
    const close = closingOf(this.#tokens, start + 1);
    this.#open('head', 2);
    const parsed = this.#parse(this.#tokens, this.#at);
    if (parsed?.statement) this.#declare(parsed.statement);
    else if (!parsed && close === undefined) this.#unfinished();
    this.#at = close === undefined ? this.#tokens.length : close + 1;
  }

  #forEachTask(): void {
    const variable = this.#tokens[this.#at + 2];
    const close = closingOf(this.#tokens, this.#at + 1);
    this.#open('head', 0);
    const task = this.#names.tagged('struct', 'task_struct');
    if (variable?.kind === 'identifier' && close !== undefined && task) {
      const { name } = variable;
      const type = pointerTo(task);
      if (!this.context.scope.find(name))
        this.context.scope.declare(name, { kind: 'variable', variable: { name, type, sizeBytes: 8 } });
    }
    this.#at = close === undefined ? this.#tokens.length : close + 1;
  }

  #skipHead(): void {
    const close = closingOf(this.#tokens, this.#at + 1);
    this.#at = close === undefined ? this.#tokens.length : close + 1;
  }

  /**
   * `static int f(int a) {` with the position within its body: the parameters are known there. False where
   * none starts.
   */
  #openFunction(): boolean {
    if (this.#frames.length > 0) return false;
    let open = this.#at;
    while (!this.#isEnd(open) && !isPunctuator(this.#tokens[open], '(', ';', '{', '=')) open++;
    const close = closingOf(this.#tokens, open);
    if (open - this.#at < 2 || close === undefined || !isPunctuator(this.#tokens[close + 1], '{'))
      return false;
    if (closingOf(this.#tokens, close + 1) !== undefined) return false;
    const { at } = this.#tokens[close]!;
    const end = [{ kind: 'punctuator', text: ';', at } as const, { kind: 'end', at } as const];
    const head = this.#parse([...this.#tokens.slice(this.#at, close + 1), ...end], 0)?.statement;
    const derivation = head?.kind === 'declare' ? head.declarations[0]?.type.derivations.at(-1) : undefined;
    if (derivation?.kind !== 'function') return false;
    this.#open('head', close + 1 - this.#at);
    for (const { name, type } of derivation.params) {
      const known = this.#recovery.attempt(() => typeOfName(this.context, type));
      if (known && name !== '')
        this.context.scope.declare(name, { kind: 'variable', variable: { name, type: known, sizeBytes: 8 } });
    }
    return true;
  }

  #statement(): void {
    if (this.#openFunction()) return;
    const parsed = this.#broken < BROKEN_LIMIT ? this.#parse(this.#tokens, this.#at) : undefined;
    if (parsed) {
      if (parsed.statement) this.#declare(parsed.statement);
      return this.#bodyEnds(parsed.end);
    }
    this.#broken++;
    const end = this.#brokenEnd();
    if (this.#isEnd(end)) this.#unfinished();
    this.#at = end;
  }

  /** The next `;`, which belongs to a broken statement, or the next brace, which does not. */
  #brokenEnd(): number {
    for (let at = this.#at; !this.#isEnd(at); at++) {
      const token = this.#tokens[at]!;
      if (isPunctuator(token, ';')) return at + 1;
      const isInitialiser =
        isPunctuator(this.#tokens[at - 1], '=') || isPunctuator(this.#tokens[at - 1], ')');
      if (isPunctuator(token, '{') && isInitialiser) {
        const close = closingOf(this.#tokens, at);
        if (close === undefined) return this.#tokens.length;
        at = close;
      } else if (at > this.#at && (isPunctuator(token, '{') || isPunctuator(token, '}'))) return at;
    }
    return this.#tokens.length;
  }

  /** A declaration whose initialiser is not there yet: what it declares is known in it (C11 6.2.1, 7). */
  #unfinished(): void {
    let equals: number | undefined;
    let depth = 0;
    for (let at = this.#at; !this.#isEnd(at); at++) {
      const token = this.#tokens[at]!;
      if (isPunctuator(token, '(', '[', '{')) depth++;
      else if (isPunctuator(token, ')', ']', '}')) depth--;
      else if (depth === 0 && isPunctuator(token, '=')) equals = at;
    }
    if (equals === undefined) return;
    const { at } = this.#tokens[equals]!;
    const head = [...this.#tokens.slice(this.#at, equals), { kind: 'punctuator', text: ';', at } as const];
    const statement = this.#parse([...head, { kind: 'end', at }], 0)?.statement;
    if (statement?.kind !== 'declare') return;
    this.#declare(statement);
    const binding = this.context.scope.find(statement.declarations.at(-1)?.name ?? '');
    if (binding?.kind === 'variable') this.initialised = binding.variable.type;
  }

  #parse(tokens: readonly Token[], start: number) {
    return this.#recovery.attempt(() => {
      const parser = this.parserOf(tokens, start);
      const statement = parseStatement(parser);
      return { statement, end: parser.cursor.position };
    });
  }

  #declare(statement: Statement): void {
    if (statement.kind === 'declare' || statement.kind === 'function') this.#statements.check(statement);
    if (statement.kind === 'labelled' && statement.body) this.#declare(statement.body);
  }
}
