import type { Expression, Statement } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { ExpressionParser } from './parse-expression.ts';
import { parseBlock } from './parse-statement.ts';

/** Tells a typedef name from any other identifier: C's grammar cannot without it. */
export type IsTypedef = (name: string) => boolean;

/** The parser of one program: its position in the tokens, and which names are types there. */
export class Parser {
  readonly cursor: Cursor;
  readonly #isTypedef: IsTypedef;
  readonly #expressions: ExpressionParser;
  /** What the program declares, by the scopes that are open, and whether that is a type (C11 6.2.1). */
  readonly #declared: Map<string, boolean>[] = [new Map()];

  constructor(cursor: Cursor, isTypedef: IsTypedef) {
    this.cursor = cursor;
    this.#isTypedef = isTypedef;
    this.#expressions = new ExpressionParser(this);
  }

  /** Whether `name` is a type here. */
  readonly isTypedef = (name: string): boolean => {
    const scope = this.#declared.findLast(names => names.has(name));
    return scope ? scope.get(name)! : this.#isTypedef(name);
  };

  /** Whether the program declares `name` here. */
  isDeclared(name: string): boolean {
    return this.#declared.some(names => names.has(name));
  }

  /** `name` is a variable, or with `isType` a type, from here to the end of its scope. */
  declare(name: string, isType = false): void {
    this.#declared.at(-1)!.set(name, isType);
  }

  /** Whether no block is open. */
  get isOutermost(): boolean {
    return this.#declared.length === 1;
  }

  /** Runs `parse` in a scope of its own. */
  scoped<T>(parse: () => T): T {
    this.#declared.push(new Map());
    const result = parse();
    this.#declared.pop();
    return result;
  }

  /** The statements up to the `}` for the `{` that comes next. */
  block(): readonly Statement[] {
    return parseBlock(this);
  }

  /** An expression (C11 6.5.17). Throws PROGRAM_SYNTAX with the location and what was expected there. */
  comma(): Expression {
    return this.cursor.expression(() => this.#expressions.comma());
  }

  /** An expression that a comma ends: an argument, an initialiser. */
  assignment(): Expression {
    return this.cursor.expression(() => this.#expressions.assignment());
  }

  /** An expression without assignment, as where a constant is due (C11 6.6). */
  conditional(): Expression {
    return this.cursor.expression(() => this.#expressions.conditional());
  }
}
