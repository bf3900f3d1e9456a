import type { BinaryOperator, Expression, UnaryOperator } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { type IsTypedef, parseTypeName, seesTypeName } from './parse-type-name.ts';

/** Binary operators by precedence, C11 6.5.5 to 6.5.14; a greater number binds closer. */
const PRECEDENCE: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
};

const UNARY = new Set(['+', '-', '~', '!', '*', '&']);
const ASSIGNMENTS = new Set(['=', '*=', '/=', '%=', '+=', '-=', '<<=', '>>=', '&=', '^=', '|=', '++', '--']);

/** Parses one expression (C11 6.5) at the cursor. Throws PROGRAM_SYNTAX with the place and what was expected there. */
export function parseExpression(cursor: Cursor, isTypedef: IsTypedef): Expression {
  return new ExpressionParser(cursor, isTypedef).comma();
}

class ExpressionParser {
  readonly #cursor: Cursor;
  readonly #isTypedef: IsTypedef;

  constructor(cursor: Cursor, isTypedef: IsTypedef) {
    this.#cursor = cursor;
    this.#isTypedef = isTypedef;
  }

  comma(): Expression {
    let left = this.#conditional();
    while (this.#cursor.sees(',')) {
      const { at } = this.#cursor.operator();
      left = { kind: 'binary', operator: ',', left, right: this.#conditional(), at };
    }
    return left;
  }

  #conditional(): Expression {
    return this.#cursor.nested(() => {
      const condition = this.#binary(1);
      this.#refuseAssignment();
      const { at } = this.#cursor.peek();
      if (!this.#cursor.takes('?')) return condition;
      const then = this.comma();
      this.#cursor.expect(':', "of the '?'");
      return { kind: 'conditional', condition, then, otherwise: this.#conditional(), at };
    });
  }

  #binary(least: number): Expression {
    let left = this.#unary();
    for (;;) {
      const token = this.#cursor.peek();
      const precedence = token.kind === 'punctuator' ? PRECEDENCE[token.text] : undefined;
      if (token.kind !== 'punctuator' || precedence === undefined || precedence < least) return left;
      this.#cursor.operator();
      const right = this.#binary(precedence + 1);
      left = { kind: 'binary', operator: token.text as BinaryOperator, left, right, at: token.at };
    }
  }

  #unary(): Expression {
    const cursor = this.#cursor;
    const token = cursor.peek();
    if (token.kind === 'punctuator' && UNARY.has(token.text)) {
      cursor.next();
      const operand = cursor.nested(() => this.#unary());
      return { kind: 'unary', operator: token.text as UnaryOperator, operand, at: token.at };
    }
    if (cursor.sees('(') && seesTypeName(cursor, this.#isTypedef, 1)) return this.#cast();
    if (token.kind === 'identifier' && token.name === 'sizeof') return this.#sizeof();
    this.#refuseAssignment();
    return this.#postfix();
  }

  #cast(): Expression {
    const { at } = this.#cursor.next();
    const to = parseTypeName(this.#cursor);
    this.#cursor.expect(')', 'after the type of a cast');
    return { kind: 'cast', to, operand: this.#cursor.nested(() => this.#unary()), at };
  }

  #sizeof(): Expression {
    const { at } = this.#cursor.next();
    if (this.#cursor.sees('(') && seesTypeName(this.#cursor, this.#isTypedef, 1)) {
      this.#cursor.next();
      const type = parseTypeName(this.#cursor);
      this.#cursor.expect(')', 'after the type of sizeof');
      return { kind: 'sizeof-type', type, at };
    }
    return { kind: 'sizeof', operand: this.#cursor.nested(() => this.#unary()), at };
  }

  #postfix(): Expression {
    let expression = this.#primary();
    for (;;) {
      const token = this.#cursor.peek();
      if (this.#cursor.sees('(')) {
        this.#cursor.operator();
        expression = { kind: 'call', callee: expression, args: this.#args(), at: expression.at };
      } else if (this.#cursor.sees('[') || this.#cursor.sees('.') || this.#cursor.sees('->')) {
        const message =
          'members and elements cannot be read in call programs yet; call a function that returns them';
        throw this.#cursor.error(token.at, message, 'PROGRAM_UNSUPPORTED');
      } else {
        return expression;
      }
    }
  }

  #args(): Expression[] {
    const args: Expression[] = [];
    if (this.#cursor.takes(')')) return args;
    do args.push(this.#conditional());
    while (this.#cursor.takes(','));
    this.#cursor.expect(')', 'or , after an argument');
    return args;
  }

  #primary(): Expression {
    const cursor = this.#cursor;
    if (cursor.takes('(')) {
      const inner = cursor.nested(() => this.comma());
      cursor.expect(')', 'for the ( before');
      return inner;
    }
    const token = cursor.peek();
    switch (token.kind) {
      case 'integer':
      case 'character':
        cursor.next();
        return token;
      case 'string':
        return this.#strings();
      case 'identifier':
        return this.#identifier();
      default:
        throw cursor.unexpected('an expression');
    }
  }

  /** Adjacent strings are one (C11 5.1.1.2, phase 6). */
  #strings(): Expression {
    const { at } = this.#cursor.peek();
    const parts: Uint8Array[] = [];
    for (let token = this.#cursor.peek(); token.kind === 'string'; token = this.#cursor.peek()) {
      parts.push(token.bytes);
      this.#cursor.next();
    }
    return { kind: 'string', bytes: Buffer.concat(parts), at };
  }

  /** A name, or `name@module` for a name that several modules have. */
  #identifier(): Expression {
    const token = this.#cursor.next();
    if (token.kind !== 'identifier') throw this.#cursor.unexpected('a name');
    if (!this.#cursor.takes('@'))
      return { kind: 'identifier', name: token.name, module: undefined, at: token.at };
    const module = this.#cursor.peek();
    if (module.kind !== 'identifier') throw this.#cursor.unexpected("a module's name after '@'");
    this.#cursor.next();
    return { kind: 'identifier', name: token.name, module: module.name, at: token.at };
  }

  #refuseAssignment(): void {
    const token = this.#cursor.peek();
    if (token.kind !== 'punctuator' || !ASSIGNMENTS.has(token.text)) return;
    throw this.#cursor.error(
      token.at,
      'assignments cannot be compiled in call programs yet',
      'PROGRAM_UNSUPPORTED',
    );
  }
}
