import { type ErrorCode, FarcallError } from '../../../shared/errors/index.ts';
import {
  BASIC,
  bare,
  type CType,
  constOf,
  isInteger,
  pointerTo,
  prototypeToC,
  sizeOf,
  typeToC,
} from '../ctype/index.ts';
import { type Expression, type Offset, programError, type TypeName } from '../program/index.ts';
import { checkArithmetic } from './arithmetic.ts';
import { convertAsByAssignment, convertTo } from './convert.ts';
import type { KernelNames } from './kernel-names.ts';
import { resolveFunction, unknownName } from './resolve-function.ts';
import { promoted, scalarLayout } from './scalar.ts';
import { typeOfName } from './type-name.ts';
import type { Callee, TypedExpression } from './typed-tree.ts';

/** Most arguments that a call may have; no function of a kernel comes near. */
const ARGUMENT_LIMIT = 64;

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/**
 * Gives every expression of one program its type, by C11's rules and this kernel's names. What a C compiler would
 * refuse is a PROGRAM_TYPE error with its place.
 */
export class Checker {
  readonly #text: string;
  readonly #names: KernelNames;
  readonly #callees = new Map<string, Callee>();

  constructor(text: string, names: KernelNames) {
    this.#text = text;
    this.#names = names;
  }

  /** The functions that the checked expressions call, each once, in the order of their first mention. */
  get callees(): readonly Callee[] {
    return [...this.#callees.values()];
  }

  /** The typed form of `expression`. */
  check(expression: Expression): TypedExpression {
    switch (expression.kind) {
      case 'integer':
        return {
          kind: 'constant',
          type: this.#literalType(expression),
          value: expression.value,
          at: expression.at,
        };
      case 'character':
        return { kind: 'constant', type: BASIC.int, value: BigInt(expression.value), at: expression.at };
      case 'string':
        return {
          kind: 'string',
          type: pointerTo(constOf(BASIC.char)),
          bytes: expression.bytes,
          at: expression.at,
        };
      case 'identifier':
        return this.#identifier(expression);
      case 'unary':
        return this.#unary(expression);
      case 'binary':
        return this.#binary(expression);
      case 'conditional':
        return this.#conditional(expression);
      case 'cast':
        return this.#cast(expression);
      case 'sizeof-type':
        return this.#sizeof(this.#typeName(expression.type), expression.at);
      case 'sizeof':
        return this.#sizeof(this.#sizedType(expression.operand), expression.at);
      case 'call':
        return this.#call(expression);
    }
  }

  /** C11 6.4.4.1: the first of int, long, long long (and unsigned, where not decimal) that holds the value. */
  #literalType({ value, decimal, suffix, at }: Of<'integer'>): CType {
    const { unsigned, longs } = suffix;
    const long = longs === 2 ? BASIC.llong : BASIC.long;
    const ulong = longs === 2 ? BASIC.ullong : BASIC.ulong;
    if (longs === 0 && !unsigned && value < 1n << 31n) return BASIC.int;
    if (longs === 0 && (unsigned || !decimal) && value < 1n << 32n) return BASIC.uint;
    if (!unsigned && value < 1n << 63n) return long;
    if (unsigned || !decimal) return ulong;
    throw this.error('PROGRAM_TYPE', at, `${value} is too large for a signed number; write ${value}u`);
  }

  #identifier({ name, module, at }: Of<'identifier'>): TypedExpression {
    this.#refuseModule(module, at);
    if (name === 'NULL') return { kind: 'constant', type: pointerTo(BASIC.void), value: 0n, at };
    if (name === 'true' || name === 'false')
      return { kind: 'constant', type: BASIC.int, value: name === 'true' ? 1n : 0n, at };
    const enumerator = this.#names.enumerator(name);
    if (enumerator) return { kind: 'constant', ...enumerator, at };
    if (this.#isFunction(name)) return this.#functionAddress(name, at);
    if (this.#names.symbols.lookup(name).length > 0) {
      throw this.error(
        'PROGRAM_TYPE',
        at,
        `'${name}' has no type in this kernel's BTF; its address is &${name}, a void *`,
      );
    }
    throw this.#placed(at, () => unknownName(name, 'function, enumerator or symbol', this.#names));
  }

  /** Functions are known by their BTF; a text symbol without any is data to us, whatever nm(1) calls it. */
  #isFunction(name: string): boolean {
    return this.#names.hasPrototype(name) || this.#names.symbols.variants(name).length > 0;
  }

  #functionAddress(name: string, at: Offset): TypedExpression {
    const callee = this.#resolve(name, at);
    return { kind: 'address', type: pointerTo(callee.type), symbol: name, address: callee.address, at };
  }

  #unary(expression: Of<'unary'>): TypedExpression {
    const { operator, operand, at } = expression;
    if (operator === '&') return this.#addressOf(operand, at);
    if (operator === '*')
      throw this.error('PROGRAM_UNSUPPORTED', at, 'call programs cannot read through pointers yet');
    const value = this.check(operand);
    if (operator === '!')
      return { kind: 'not', type: BASIC.int, operand: this.scalar(value, 'the operand of !'), at };
    const integer = this.integer(value, `the operand of ${operator}`);
    const converted = convertTo(promoted(integer.type), integer);
    if (operator === '+') return converted;
    const kind = operator === '-' ? 'negate' : 'complement';
    if (converted.kind !== 'constant') return { kind, type: converted.type, operand: converted, at };
    const folded = operator === '-' ? -converted.value : ~converted.value;
    return convertTo(converted.type, { ...converted, value: folded, at });
  }

  #addressOf(operand: Expression, at: Offset): TypedExpression {
    if (operand.kind !== 'identifier') throw this.error('PROGRAM_TYPE', at, '& takes the name of a symbol');
    this.#refuseModule(operand.module, operand.at);
    if (this.#isFunction(operand.name)) return this.#functionAddress(operand.name, operand.at);
    const symbols = this.#names.symbols.lookup(operand.name);
    const addresses = new Set(symbols.map(({ address }) => address));
    if (addresses.size > 1) {
      throw this.error(
        'SYMBOL_AMBIGUOUS',
        operand.at,
        `this kernel has ${addresses.size} symbols named '${operand.name}'`,
      );
    }
    const symbol = symbols[0];
    if (!symbol) throw this.#placed(operand.at, () => unknownName(operand.name, 'symbol', this.#names));
    return { kind: 'address', type: pointerTo(BASIC.void), symbol: symbol.name, address: symbol.address, at };
  }

  #binary({ operator, left, right, at }: Of<'binary'>): TypedExpression {
    const a = this.check(left);
    const b = this.check(right);
    if (operator === ',') return { kind: 'sequence', type: b.type, first: a, second: b, at };
    if (operator !== '&&' && operator !== '||')
      return checkArithmetic(this, { operator, left: a, right: b, at });
    const what = `an operand of ${operator}`;
    return {
      kind: 'logical',
      type: BASIC.int,
      operator,
      left: this.scalar(a, what),
      right: this.scalar(b, what),
      at,
    };
  }

  #conditional(expression: Of<'conditional'>): TypedExpression {
    const { at } = expression;
    const condition = this.scalar(this.check(expression.condition), 'the condition of ?:');
    const then = this.check(expression.then);
    const otherwise = this.check(expression.otherwise);
    const type = this.#conditionalType(then, otherwise, at);
    if (bare(type).kind === 'void') return { kind: 'conditional', type, condition, then, otherwise, at };
    return {
      kind: 'conditional',
      type,
      condition,
      then: convertTo(type, then),
      otherwise: convertTo(type, otherwise),
      at,
    };
  }

  #conditionalType(then: TypedExpression, otherwise: TypedExpression, at: Offset): CType {
    if (isInteger(then.type) && isInteger(otherwise.type)) {
      return checkArithmetic(this, { operator: '+', left: then, right: otherwise, at }).type;
    }
    if (bare(then.type).kind === 'void' && bare(otherwise.type).kind === 'void') return BASIC.void;
    if (typeof convertAsByAssignment(then.type, otherwise) !== 'string') return then.type;
    if (typeof convertAsByAssignment(otherwise.type, then) !== 'string') return otherwise.type;
    throw this.error(
      'PROGRAM_TYPE',
      at,
      `the branches of ?: are ${typeToC(then.type)} and ${typeToC(otherwise.type)}`,
    );
  }

  #cast({ to, operand, at }: Of<'cast'>): TypedExpression {
    const type = this.#typeName(to);
    const value = this.check(operand);
    if (bare(type).kind === 'void') return { kind: 'convert', type: BASIC.void, operand: value, at };
    this.scalar({ ...value, type }, 'the type of a cast', at);
    return convertTo(type, this.scalar(value, 'the operand of a cast'));
  }

  #sizedType(operand: Expression): CType {
    if (operand.kind !== 'string') return this.check(operand).type;
    return { kind: 'array', of: BASIC.char, count: operand.bytes.length + 1 };
  }

  #sizeof(type: CType, at: Offset): TypedExpression {
    const size = sizeOf(type);
    if (size === undefined) throw this.error('PROGRAM_TYPE', at, `${typeToC(type)} has no size`);
    return { kind: 'constant', type: BASIC.ulong, value: BigInt(size), at };
  }

  #call({ callee, args, at }: Of<'call'>): TypedExpression {
    if (callee.kind !== 'identifier') {
      throw this.error(
        'PROGRAM_UNSUPPORTED',
        callee.at,
        'only functions can be called by name; calls through pointers cannot be compiled yet',
      );
    }
    this.#refuseModule(callee.module, callee.at);
    const resolved = this.#resolve(callee.name, callee.at);
    this.#checkCount(resolved, args, at);
    this.#checkResult(resolved, at);
    const typed = args.map((arg, index) => this.#argument(resolved, arg, index));
    return { kind: 'call', type: resolved.type.result, callee: resolved, args: typed, at };
  }

  #checkCount({ name, type }: Callee, args: readonly Expression[], at: Offset): void {
    const { params, variadic } = type;
    const enough = variadic ? args.length >= params.length : args.length === params.length;
    if (enough && args.length <= ARGUMENT_LIMIT) return;
    const wanted = `${variadic ? 'at least ' : ''}${params.length} argument${params.length === 1 ? '' : 's'}`;
    throw this.error(
      'PROGRAM_TYPE',
      at,
      `'${name}' takes ${wanted}, not ${args.length}: ${prototypeToC(name, type)}`,
    );
  }

  #checkResult({ name, type }: Callee, at: Offset): void {
    if (bare(type.result).kind === 'void' || scalarLayout(type.result)) return;
    throw this.error(
      'PROGRAM_UNSUPPORTED',
      at,
      `'${name}' returns ${typeToC(type.result)} by value, which cannot be compiled yet`,
    );
  }

  #argument({ name, type }: Callee, arg: Expression, index: number): TypedExpression {
    const value = this.check(arg);
    const param = type.params[index];
    if (!param) return this.#promotedArgument(value);
    const converted = convertAsByAssignment(param.type, value);
    if (typeof converted !== 'string') return converted;
    const which = `argument ${index + 1} of '${name}'`;
    throw this.error('PROGRAM_TYPE', arg.at, `${which}: ${converted}: ${prototypeToC(name, type)}`);
  }

  /** Default argument promotions (C11 6.5.2.2, 6) for what the `...` takes. */
  #promotedArgument(value: TypedExpression): TypedExpression {
    const scalar = this.scalar(value, 'an argument');
    return isInteger(scalar.type) ? convertTo(promoted(scalar.type), scalar) : scalar;
  }

  #resolve(name: string, at: Offset): Callee {
    const known = this.#callees.get(name);
    if (known) return known;
    const callee = this.#placed(at, () => resolveFunction(name, this.#names));
    this.#callees.set(name, callee);
    return callee;
  }

  #typeName(name: TypeName): CType {
    const type = typeOfName(name, this.#names);
    if (typeof type === 'string') throw this.error('PROGRAM_TYPE', name.at, type);
    return type;
  }

  #refuseModule(module: string | undefined, at: Offset): void {
    if (module === undefined) return;
    throw this.error('PROGRAM_UNSUPPORTED', at, "names of modules ('name@module') cannot be compiled yet");
  }

  /** `value`, which must be an integer. */
  integer(value: TypedExpression, what: string): TypedExpression {
    if (isInteger(value.type) && (sizeOf(value.type) ?? 0) <= 8) return value;
    throw this.error('PROGRAM_TYPE', value.at, `${what} must be an integer, not ${typeToC(value.type)}`);
  }

  /** `value`, which must be an integer or a pointer. */
  scalar(value: TypedExpression, what: string, at = value.at): TypedExpression {
    if (bare(value.type).kind === 'pointer' || (isInteger(value.type) && (sizeOf(value.type) ?? 0) <= 8))
      return value;
    throw this.error(
      'PROGRAM_TYPE',
      at,
      `${what} must be an integer or a pointer, not ${typeToC(value.type)}`,
    );
  }

  /** An error about a place in the program. */
  error(code: ErrorCode, at: Offset, message: string): FarcallError {
    return programError(code, this.#text, at, message);
  }

  /** Runs `work`; an error that knows no place gets this one. */
  #placed<T>(at: Offset, work: () => T): T {
    try {
      const result = work();
      if (result instanceof FarcallError) throw result;
      return result;
    } catch (error) {
      if (error instanceof FarcallError && !error.place) throw this.error(error.code, at, error.message);
      throw error;
    }
  }
}
