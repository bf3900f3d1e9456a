import { type FoldedOperator, foldNumbers } from './fold-numbers.ts';
import { isPunctuator, type PpToken } from './pp-token.ts';
import {
  PRESENCE_WORDS,
  type PresenceQuestion,
  presenceQuestion,
  questionText,
  VERSION_WORD,
} from './presence-question.ts';
import { type Offset, programError, type Source } from './source.ts';
import { toToken } from './to-tokens.ts';

/** What a kernel answers: 1 or 0, or the number of its release. `text` is the question as it is written. */
export type Ask = (question: PresenceQuestion, text: string, at: Offset) => bigint;

/** A condition of `#if`, and what it needs. */
export interface ConditionInput {
  readonly source: Source;
  /** Macros are replaced, `defined` too. */
  readonly tokens: readonly PpToken[];
  /** Where the directive stands. */
  readonly at: Offset;
  readonly ask: Ask;
}

/** How deep a condition may nest. */
const DEPTH_LIMIT = 200;

/** Binary operators by precedence (C11 6.5.5 to 6.5.14); a greater number binds closer. */
const PRECEDENCE: Readonly<Record<string, number>> = {
  ...{ '||': 1, '&&': 2, '|': 3, '^': 4, '&': 5, '==': 6, '!=': 6, '<': 7, '>': 7, '<=': 7, '>=': 7 },
  ...{ '<<': 8, '>>': 8, '+': 9, '-': 9, '*': 10, '/': 10, '%': 10 },
};

/** A value of `#if`: all are 64 bits wide there (C11 6.10.1, 4). */
interface Value {
  readonly value: bigint;
  readonly unsigned: boolean;
}

/** Whether the condition of an `#if` holds (C11 6.10.1). Throws PROGRAM_SYNTAX with the location. */
export function conditionHolds(input: ConditionInput): boolean {
  return new Condition(input).holds();
}

class Condition {
  readonly #input: ConditionInput;
  #next = 0;
  #depth = 0;
  /** Above 0, what is read has no effect: the other side of && or || has decided. */
  #skipping = 0;

  constructor(input: ConditionInput) {
    this.#input = input;
  }

  holds(): boolean {
    if (this.#input.tokens.length === 0) throw this.#error('this directive needs a condition');
    const { value } = this.#conditional();
    if (this.#peek()) throw this.#error('the condition should end here');
    return value !== 0n;
  }

  #conditional(): Value {
    const condition = this.#binary(1);
    if (!this.#takes('?')) return condition;
    const isTrue = condition.value !== 0n;
    const then = this.#unless(!isTrue, () => this.#deeper(() => this.#conditional()));
    if (!this.#takes(':')) throw this.#error("expected ':' here");
    const otherwise = this.#unless(isTrue, () => this.#deeper(() => this.#conditional()));
    const chosen = isTrue ? then : otherwise;
    return wide(chosen.value, then.unsigned || otherwise.unsigned);
  }

  #binary(least: number): Value {
    let left = this.#unary();
    for (;;) {
      const token = this.#peek();
      const precedence = token?.kind === 'punctuator' ? PRECEDENCE[token.text] : undefined;
      if (!token || precedence === undefined || precedence < least) return left;
      this.#next++;
      const isDecided =
        (token.text === '&&' && left.value === 0n) || (token.text === '||' && left.value !== 0n);
      const right = this.#unless(isDecided, () => this.#binary(precedence + 1));
      left = this.#operate(token, left, right);
    }
  }

  #unary(): Value {
    const token = this.#peek();
    if (!token) throw this.#error('the condition ends too early');
    this.#next++;
    if (token.kind !== 'punctuator') return this.#primary(token);
    if (token.text === '(') {
      const inner = this.#deeper(() => this.#conditional());
      if (!this.#takes(')')) throw this.#error("expected ')' here");
      return inner;
    }
    if (!/^[-+!~]$/.test(token.text)) throw this.#error(`'${token.text}' cannot stand here`, token);
    const { value, unsigned } = this.#deeper(() => this.#unary());
    if (token.text === '!') return truth(value === 0n);
    return wide(token.text === '-' ? -value : token.text === '~' ? ~value : value, unsigned);
  }

  #primary(token: PpToken): Value {
    if (token.kind === 'identifier') return this.#identifier(token);
    const { source } = this.#input;
    const made = toToken(source, token);
    if (made.kind === 'character') return wide(BigInt(made.value), false);
    if (made.kind !== 'integer') throw this.#error('a condition can hold only numbers', token);
    return wide(made.value, made.suffix.unsigned || made.value >= 1n << 63n);
  }

  /** A name that is left is 0 (C11 6.10.1, 4), unless it asks the kernel. */
  #identifier(token: PpToken): Value {
    const { ask } = this.#input;
    if (token.text === VERSION_WORD)
      return this.#skipping > 0 ? ZERO : wide(ask({ kind: 'version' }, token.text, token.at), false);
    const form = PRESENCE_WORDS.get(token.text);
    if (form === undefined) return token.text === 'true' ? truth(true) : ZERO;
    const args = this.#arguments();
    const question = args && presenceQuestion(token.text, args);
    if (!question) throw this.#error(`this is asked as ${form}`, token);
    return this.#skipping > 0 ? ZERO : wide(ask(question, questionText(token.text, args), token.at), false);
  }

  /** The tokens between the parentheses that come next. */
  #arguments(): readonly PpToken[] | undefined {
    if (!this.#takes('(')) return undefined;
    const start = this.#next;
    while (this.#peek() && !isPunctuator(this.#peek(), ')')) this.#next++;
    const args = this.#input.tokens.slice(start, this.#next);
    return this.#takes(')') ? args : undefined;
  }

  #operate(token: PpToken, left: Value, right: Value): Value {
    const { text } = token;
    if (text === '||') return truth(left.value !== 0n || right.value !== 0n);
    if (text === '&&') return truth(left.value !== 0n && right.value !== 0n);
    const isShift = text === '<<' || text === '>>';
    const unsigned = left.unsigned || (right.unsigned && !isShift);
    const [a, b] = [left, right].map(({ value }) => wide(value, unsigned).value) as [bigint, bigint];
    const folded = foldNumbers(text as FoldedOperator, a, isShift ? b & 63n : b);
    if (folded === undefined && this.#skipping === 0)
      throw this.#error('the condition divides by zero', token);
    return wide(folded ?? 0n, unsigned && !COMPARISONS.has(text));
  }

  #unless(skipped: boolean, read: () => Value): Value {
    if (skipped) this.#skipping++;
    const value = read();
    if (skipped) this.#skipping--;
    return value;
  }

  #deeper(read: () => Value): Value {
    if (this.#depth >= DEPTH_LIMIT)
      throw this.#error(`the condition has more than ${DEPTH_LIMIT} levels of nesting`);
    this.#depth++;
    const value = read();
    this.#depth--;
    return value;
  }

  #peek(): PpToken | undefined {
    return this.#input.tokens[this.#next];
  }

  #takes(text: string): boolean {
    if (!isPunctuator(this.#peek(), text)) return false;
    this.#next++;
    return true;
  }

  #error(message: string, token = this.#peek()): Error {
    const { source, at } = this.#input;
    return programError('PROGRAM_SYNTAX', source, token?.at ?? at, message);
  }
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=']);

const ZERO: Value = { value: 0n, unsigned: false };

function truth(holds: boolean): Value {
  return holds ? { value: 1n, unsigned: false } : ZERO;
}

function wide(value: bigint, unsigned: boolean): Value {
  return { value: unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value), unsigned };
}
