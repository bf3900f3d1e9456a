import {
  type ArrayType,
  bare,
  type CType,
  isInteger,
  recordMembers,
  sizeOf,
  typeToC,
} from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Designator, Expression, Initializer } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { convertAsByAssignment } from '../conversions/index.ts';
import { assigned, elementOf, memberOf, readValue } from '../operators/index.ts';
import type { Initialisation, InitialValue, Lvalue, TypedExpression, Variable } from '../tree/index.ts';
import { checkValue, constantOf } from './check-expression.ts';
import { typeOfName } from './type-name.ts';

type List = Extract<Initializer, { kind: 'list' }>;

/** Elements of a range, each of which is a step of the program. */
const RANGE_LIMIT = 4096;

/** Room for elements while they are counted. */
const ELEMENTS_LIMIT_BYTES = 1 << 30;

/** What `variable` starts as (C11 6.7.9). */
export function initialise(
  context: CheckContext,
  variable: Variable,
  initializer: Initializer,
): Initialisation {
  const filler = new Filler(context);
  const { at } = initializer;
  filler.object(
    { kind: 'local', type: variable.type, variable, offset: 0, bits: undefined, start: undefined, at },
    initializer,
  );
  const plain = bare(variable.type);
  const whole = initializer.kind === 'value' && plain.kind !== 'array';
  return { variable, zero: !whole, items: filler.items };
}

/** `(struct pair){ 1, 2 }` (C11 6.5.2.5): a variable without a name, set each time it is reached. */
export function compoundLiteral(
  context: CheckContext,
  expression: Extract<Expression, { kind: 'compound' }>,
): Lvalue {
  const { list, at } = expression;
  const type = completed(context, typeOfName(context, expression.type), list);
  const variable = context.newVariable('a compound literal', type, at);
  const start = initialise(context, variable, list);
  return { kind: 'local', type, variable, offset: 0, bits: undefined, start, at };
}

/** An array without a count takes it from its initialiser (C11 6.7.9, 22). */
export function completed(context: CheckContext, type: CType, initializer: Initializer | undefined): CType {
  const plain = bare(type);
  if (plain.kind !== 'array' || plain.count > 0 || !initializer) return type;
  return { ...plain, count: countOf(context, plain, initializer) };
}

function countOf(context: CheckContext, array: ArrayType, initializer: Initializer): number {
  if (initializer.kind === 'value')
    return initializer.value.kind === 'string' ? initializer.value.bytes.length + 1 : 0;
  const only = initializer.items[0];
  if (only && isCharArray(array) && only.value.kind === 'value' && only.value.value.kind === 'string')
    return only.value.value.bytes.length + 1;
  if (isAggregate(array.of)) return countWithinBraces(context, array, initializer);
  let [index, count] = [0, 0];
  for (const { designators } of initializer.items) {
    const [first] = designators;
    if (first?.kind === 'index') index = Number(constantOf(context, first.last ?? first.index, 'the index'));
    count = Math.max(count, ++index);
  }
  return count;
}

/** Where elements are written without braces of their own, only filling them shows how many there are. */
function countWithinBraces(context: CheckContext, array: ArrayType, list: List): number {
  const elementBytes = Math.max(1, sizeOf(array.of) ?? 1);
  const type = { ...array, count: Math.floor(ELEMENTS_LIMIT_BYTES / elementBytes) };
  const variable = { name: '', type, sizeBytes: ELEMENTS_LIMIT_BYTES };
  const shared = { offset: 0, bits: undefined, start: undefined, at: list.at };
  return context.quietly(() => {
    const filler = new Filler(context);
    filler.object({ kind: 'local', type, variable, ...shared }, list);
    return filler.outerCount;
  });
}

function isCharArray(type: CType): boolean {
  const plain = bare(type);
  return plain.kind === 'array' && isInteger(plain.of) && sizeOf(plain.of) === 1;
}

/**
 * The items of a braced list, read one after the other; each value is checked once, at whatever level it is
 * used.
 */
class Stream {
  readonly #context: CheckContext;
  readonly #items: List['items'];
  #next = 0;
  #checked: TypedExpression | undefined;

  constructor(context: CheckContext, { items }: List) {
    this.#context = context;
    this.#items = items;
  }

  get item(): List['items'][number] | undefined {
    return this.#items[this.#next];
  }

  /** The value of the next item, which must be an expression. */
  value(expression: Expression): TypedExpression {
    this.#checked ??= checkValue(this.#context, expression);
    return this.#checked;
  }

  skip(): void {
    this.#next++;
    this.#checked = undefined;
  }
}

/** Collects the values of an initialisation, brace by brace. */
class Filler {
  readonly items: InitialValue[] = [];
  /** How many members or elements the outermost braces have reached. */
  outerCount = 0;
  #outer: Stream | undefined;
  /** Where what has been initialised ends. */
  #end = 0;
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  /** Initialises the whole of `lvalue`. */
  object(lvalue: Lvalue, initializer: Initializer): void {
    if (initializer.kind === 'value') return this.#single(lvalue, initializer.value, undefined);
    this.#forget(lvalue);
    const stream = new Stream(this.#context, initializer);
    this.#outer ??= stream;
    const [first] = initializer.items;
    if (isAggregate(lvalue.type) && !this.#isBracedString(lvalue, first?.value))
      return this.#aggregate(lvalue, stream, true);
    if (!first || initializer.items.length > 1 || first.designators.length > 0)
      throw this.#error(initializer.at, `${typeToC(lvalue.type)} takes one value`);
    this.object(lvalue, first.value);
  }

  #isBracedString(lvalue: Lvalue, value: Initializer | undefined): boolean {
    return isCharArray(lvalue.type) && value?.kind === 'value' && value.value.kind === 'string';
  }

  #single(lvalue: Lvalue, expression: Expression, checked: TypedExpression | undefined): void {
    if (expression.kind === 'string' && isCharArray(lvalue.type)) {
      const room = sizeOf(lvalue.type) ?? 0;
      if (expression.bytes.length > room)
        throw this.#error(expression.at, `the string does not fit in ${typeToC(lvalue.type)}`);
      this.#forget(lvalue);
      return this.#push({ lvalue, value: expression.bytes });
    }
    if (bare(lvalue.type).kind === 'array')
      throw this.#error(expression.at, `${typeToC(lvalue.type)} must be initialised by a list in braces`);
    const value = checked ?? checkValue(this.#context, expression);
    this.#push({ lvalue, value: assigned(this.#context, lvalue.type, value, expression.at) });
  }

  #push(item: InitialValue): void {
    this.items.push(item);
    this.#end = Math.max(this.#end, item.lvalue.offset + (sizeOf(item.lvalue.type) ?? 0));
  }

  /**
   * What initialises an object as a whole takes the place of all that was said of its parts before (C11
   * 6.7.9, 19): they are zero again.
   */
  #forget(lvalue: Lvalue): void {
    if (lvalue.bits || lvalue.offset >= this.#end) return;
    this.items.push({ lvalue, value: new Uint8Array(sizeOf(lvalue.type) ?? 0) });
  }

  /**
   * Sets members or elements in order; a designator jumps. Without braces it takes only what it has room for.
   */
  #aggregate(lvalue: Lvalue, stream: Stream, braced: boolean): void {
    let index = 0;
    for (let item = stream.item; item; item = stream.item) {
      const [first] = item.designators;
      if (first) {
        if (!braced) return;
        index = this.#lastIndexOf(lvalue, first) + 1;
        this.#reached(stream, braced, index);
        const { value } = item;
        stream.skip();
        this.#designate(lvalue, item.designators, value);
        continue;
      }
      const part = this.#part(lvalue, index++, item.value.at);
      if (!part && braced)
        throw this.#error(item.value.at, `the list has more values than ${typeToC(lvalue.type)} can hold`);
      if (!part) return;
      this.#reached(stream, braced, index);
      this.#element(part, stream);
    }
  }

  #reached(stream: Stream, braced: boolean, count: number): void {
    if (braced && stream === this.#outer) this.outerCount = Math.max(this.outerCount, count);
  }

  #element(lvalue: Lvalue, stream: Stream): void {
    const { value } = stream.item!;
    if (value.kind === 'list' || !isAggregate(lvalue.type) || this.#isBracedString(lvalue, value)) {
      const checked =
        value.kind === 'value' && value.value.kind !== 'string' ? stream.value(value.value) : undefined;
      stream.skip();
      if (value.kind === 'list') this.object(lvalue, value);
      else this.#single(lvalue, value.value, checked);
      return;
    }
    const whole = stream.value(value.value);
    if (bare(lvalue.type).kind === 'array' || typeof convertAsByAssignment(lvalue.type, whole) === 'string')
      return this.#aggregate(lvalue, stream, false);
    stream.skip();
    this.#single(lvalue, value.value, whole);
  }

  /** The member or element number `index`; undefined past the end. A union has its first member only. */
  #part(lvalue: Lvalue, index: number, at: Offset): Lvalue | undefined {
    const plain = bare(lvalue.type);
    const element = elementOf(lvalue.type);
    if (element && plain.kind === 'array') {
      if (index >= plain.count) return undefined;
      return { ...lvalue, type: element, offset: lvalue.offset + index * (sizeOf(element) ?? 0), at };
    }
    if (plain.kind !== 'struct' && plain.kind !== 'union') return undefined;
    const members = recordMembers(plain).filter(({ name, bitWidth }) => name !== '' || bitWidth === 0);
    const member = plain.kind === 'union' && index > 0 ? undefined : members[index];
    if (!member) return undefined;
    if (member.name !== '') return memberOf(this.#context, lvalue, member.name, at);
    return { ...lvalue, type: member.type, offset: lvalue.offset + member.bitOffset / 8, at };
  }

  /** Initialises what designators name: for a range its first element, of which the others are copies. */
  #designate(lvalue: Lvalue, designators: readonly Designator[], initializer: Initializer): void {
    const [first, ...rest] = designators;
    if (!first) return this.object(lvalue, initializer);
    if (first.kind === 'member') {
      const member = memberOf(this.#context, lvalue, first.name, first.at);
      return this.#designate(member, rest, initializer);
    }
    const element = this.#elementAt(lvalue, first);
    this.#designate(element, rest, initializer);
    if (!first.last) return;
    const [from, to] = [this.#indexOf(lvalue, first), this.#lastIndexOf(lvalue, first)];
    if (to < from || to - from >= RANGE_LIMIT)
      throw this.#error(first.at, `the range [${from} ... ${to}] has to go up, by at most ${RANGE_LIMIT}`);
    for (let index = from + 1; index <= to; index++) this.#copyElement(lvalue, element, index);
  }

  #copyElement(array: Lvalue, from: Lvalue, index: number): void {
    const to = this.#part(array, index, from.at);
    if (!to) throw this.#error(from.at, `${typeToC(array.type)} has no element ${index}`);
    const plain = bare(to.type);
    if (plain.kind !== 'array') return this.#push({ lvalue: to, value: readValue(this.#context, from) });
    for (let each = 0; each < plain.count; each++)
      this.#copyElement(to, this.#part(from, each, from.at)!, each);
  }

  #elementAt(lvalue: Lvalue, designator: Extract<Designator, { kind: 'index' }>): Lvalue {
    const index = this.#indexOf(lvalue, designator);
    const element = index < 0 ? undefined : this.#part(lvalue, index, designator.at);
    if (!element || bare(lvalue.type).kind !== 'array')
      throw this.#error(designator.at, `${typeToC(lvalue.type)} has no element ${index}`);
    return element;
  }

  #lastIndexOf(lvalue: Lvalue, designator: Designator): number {
    if (designator.kind === 'member' || !designator.last) return this.#indexOf(lvalue, designator);
    return Number(constantOf(this.#context, designator.last, 'the last index of a range'));
  }

  /** Which part a designator names; for a member in an anonymous one, the anonymous one. */
  #indexOf(lvalue: Lvalue, designator: Designator): number {
    if (designator.kind === 'index')
      return Number(constantOf(this.#context, designator.index, 'the index of an element'));
    const plain = bare(lvalue.type);
    const target = memberOf(this.#context, lvalue, designator.name, designator.at);
    if (plain.kind !== 'struct') return 0;
    const members = recordMembers(plain).filter(({ name, bitWidth }) => name !== '' || bitWidth === 0);
    const direct = members.findIndex(({ name }) => name === designator.name);
    if (direct >= 0) return direct;
    const bit = (target.offset - lvalue.offset) * 8;
    return members.findLastIndex(({ bitOffset }) => bitOffset <= bit);
  }

  #error(at: Offset, message: string): Error {
    return this.#context.diagnostics.typeError(at, message);
  }
}

function isAggregate(type: CType): boolean {
  const { kind } = bare(type);
  return kind === 'array' || kind === 'struct' || kind === 'union';
}
