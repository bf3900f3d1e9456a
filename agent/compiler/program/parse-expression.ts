import { type Offset, PRESENCE_WORDS, VERSION_WORD } from '../preprocessor/index.ts';
import type { AssignmentOperator, BinaryOperator, Expression, TypeName, UnaryOperator } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseDesignators, parseInitializerList } from './parse-initializer.ts';
import { parsePresence, SPECIAL } from './parse-special.ts';
import { parseTypeName, startsTypeName } from './parse-type-name.ts';
import type { Parser } from './parser.ts';

/** Binary operators by precedence, C11 6.5.5 to 6.5.14; a greater number binds closer. */
export const PRECEDENCE: Readonly<Record<string, number>> = {
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

/** Operators before their operand. */
export const UNARY = new Set(['+', '-', '~', '!', '*', '&']);
const ALIGNOF = new Set(['_Alignof', 'alignof', '__alignof__', '__alignof']);
/** Operators that store. */
export const ASSIGNMENTS = new Set(['=', '*=', '/=', '%=', '+=', '-=', '<<=', '>>=', '&=', '^=', '|=']);

/** Parses expressions (C11 6.5), each method one level of the grammar. */
export class ExpressionParser {
  readonly #parser: Parser;

  constructor(parser: Parser) {
    this.#parser = parser;
  }

  get #cursor(): Parser['cursor'] {
    return this.#parser.cursor;
  }

  comma(): Expression {
    let left = this.assignment();
    while (this.#cursor.sees(',')) {
      const { at } = this.#cursor.operator();
      left = { kind: 'binary', operator: ',', left, right: this.assignment(), at };
    }
    return left;
  }

  /** What can stand on the left is left to the checker, which knows types. */
  assignment(): Expression {
    return this.#cursor.nested(() => {
      const left = this.conditional();
      const token = this.#cursor.peek();
      if (token.kind !== 'punctuator' || !ASSIGNMENTS.has(token.text)) return left;
      this.#cursor.operator();
      const right = this.assignment();
      return { kind: 'assign', operator: token.text as AssignmentOperator, left, right, at: token.at };
    });
  }

  conditional(): Expression {
    const condition = this.#binary(1);
    const { at } = this.#cursor.peek();
    if (!this.#cursor.takes('?')) return condition;
    const then = this.#cursor.sees(':') ? undefined : this.comma();
    this.#cursor.expect(':', "of the '?'");
    const otherwise = this.#cursor.nested(() => this.conditional());
    return { kind: 'conditional', condition, then, otherwise, at };
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
    if (cursor.sees('++') || cursor.sees('--')) {
      const operator = cursor.sees('++') ? '++' : '--';
      cursor.next();
      const operand = cursor.nested(() => this.#unary());
      return { kind: 'step', operator, yields: 'new', operand, at: token.at };
    }
    if (cursor.sees('(') && startsTypeName(this.#parser, 1)) return this.#cast();
    if (token.kind === 'identifier' && token.name === 'sizeof') return this.#sizeof();
    if (token.kind === 'identifier' && ALIGNOF.has(token.name)) return this.#alignof();
    if (token.kind === 'identifier' && token.name === '__extension__') {
      cursor.next();
      return cursor.nested(() => this.#unary());
    }
    return this.#postfix(this.#primary());
  }

  #cast(): Expression {
    const { at } = this.#cursor.next();
    const to = parseTypeName(this.#parser);
    this.#cursor.expect(')', 'after the type of a cast');
    if (this.#cursor.sees('{')) {
      const list = parseInitializerList(this.#parser);
      return this.#postfix({ kind: 'compound', type: to, list, at });
    }
    return { kind: 'cast', to, operand: this.#cursor.nested(() => this.#unary()), at };
  }

  #sizeof(): Expression {
    const { at } = this.#cursor.next();
    const type = this.#typeInParentheses('sizeof');
    if (!type) return { kind: 'sizeof', operand: this.#cursor.nested(() => this.#unary()), at };
    if (!this.#cursor.sees('{')) return { kind: 'sizeof-type', type, at };
    const operand: Expression = { kind: 'compound', type, list: parseInitializerList(this.#parser), at };
    return { kind: 'sizeof', operand: this.#postfix(operand), at };
  }

  /** C11 6.5.3.4; of an expression as gcc has it. */
  #alignof(): Expression {
    const { at } = this.#cursor.next();
    const type = this.#typeInParentheses('_Alignof');
    if (type) return { kind: 'alignof-type', type, at };
    return { kind: 'alignof', operand: this.#cursor.nested(() => this.#unary()), at };
  }

  #typeInParentheses(of: string): TypeName | undefined {
    if (!this.#cursor.sees('(') || !startsTypeName(this.#parser, 1)) return undefined;
    this.#cursor.next();
    const type = parseTypeName(this.#parser);
    this.#cursor.expect(')', `after the type of ${of}`);
    return type;
  }

  #postfix(start: Expression): Expression {
    const cursor = this.#cursor;
    let operand = start;
    for (;;) {
      const token = cursor.peek();
      if (token.kind !== 'punctuator') return operand;
      switch (token.text) {
        case '(':
          cursor.operator();
          operand = { kind: 'call', callee: operand, ...this.#args(), at: operand.at };
          break;
        case '[': {
          cursor.operator();
          const index = this.comma();
          cursor.expect(']', "for the '[' before");
          operand = { kind: 'index', operand, index, at: token.at };
          break;
        }
        case '.':
        case '->': {
          cursor.operator();
          const { name, at } = cursor.identifier(`the name of a member after '${token.text}'`);
          if (token.text === '.') refuseClone(cursor, operand, { name, at });
          operand = { kind: 'member', operand, name, arrow: token.text === '->', at };
          break;
        }
        case '++':
        case '--':
          cursor.operator();
          operand = { kind: 'step', operator: token.text, yields: 'old', operand, at: token.at };
          break;
        default:
          return operand;
      }
    }
  }

  #args(): { readonly args: readonly Expression[]; readonly bounds: readonly Offset[] } {
    const cursor = this.#cursor;
    const args: Expression[] = [];
    const bounds = [cursor.peek().at];
    if (cursor.takes(')')) return { args, bounds };
    do {
      bounds[args.length] = cursor.peek().at;
      args.push(this.assignment());
      bounds[args.length] = cursor.peek().at;
    } while (cursor.takes(','));
    cursor.expect(')', 'or , after an argument');
    return { args, bounds };
  }

  #primary(): Expression {
    const cursor = this.#cursor;
    if (cursor.sees('(') && cursor.sees('{', 1)) return this.#statements();
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

  #statements(): Expression {
    const { at } = this.#cursor.next();
    const statements = this.#cursor.nested(() => this.#parser.block());
    this.#cursor.expect(')', 'of the ({ before');
    return { kind: 'statements', statements, at };
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

  /** A name, `name@module` for a name that several modules have, or one of the macros that take a type. */
  #identifier(): Expression {
    const cursor = this.#cursor;
    const { name, at } = cursor.identifier('a name');
    if (cursor.sees('(') && (name === 'offsetof' || name === '__builtin_offsetof')) return this.#offsetof(at);
    if (cursor.sees('(') && name === 'container_of') return this.#containerOf(at);
    const special = SPECIAL.get(name);
    if (special && cursor.sees('(')) return special(this.#parser, at);
    if (name === VERSION_WORD) return { kind: 'presence', question: { kind: 'version' }, text: name, at };
    if (PRESENCE_WORDS.has(name)) return parsePresence(this.#parser, name, at);
    const module = cursor.takes('@') ? cursor.identifier("a module's name after '@'").name : undefined;
    return { kind: 'identifier', name, module, at };
  }

  #offsetof(at: number): Expression {
    this.#cursor.next();
    const type = parseTypeName(this.#parser);
    this.#cursor.expect(',', 'after the type of offsetof');
    const path = parseDesignators(this.#parser);
    this.#cursor.expect(')', 'of offsetof');
    return { kind: 'offsetof', type, path, at };
  }

  #containerOf(at: number): Expression {
    this.#cursor.next();
    const pointer = this.assignment();
    this.#cursor.expect(',', 'after the pointer of container_of');
    const type = parseTypeName(this.#parser);
    this.#cursor.expect(',', 'after the type of container_of');
    const path = parseDesignators(this.#parser);
    this.#cursor.expect(')', 'of container_of');
    return { kind: 'container-of', pointer, type, path, at };
  }
}

/** Suffixes of a compiler's clones; the last two could be members as well, but for the number behind them. */
const CLONES = /^(?:isra|constprop|part|cold)$/;

/** `tcp_ack.isra.0` is the name of a symbol, but no identifier of C, and nobody knows how to call it. */
function refuseClone(
  cursor: Cursor,
  operand: Expression,
  { name, at }: { readonly name: string; readonly at: Offset },
): void {
  const next = cursor.peek();
  const isNumbered = next.kind === 'punctuator' && next.text === '.';
  if (operand.kind !== 'identifier' || !CLONES.test(name)) return;
  if (!isNumbered && (name === 'part' || name === 'cold')) return;
  throw cursor.error(
    at,
    `'${operand.name}.${name}' is a clone that the compiler made of '${operand.name}': its parameters are not those of the source, so nobody knows how to call it`,
  );
}
