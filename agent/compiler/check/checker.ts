import { type ErrorCode, FarcallError, type SourceLocation } from '../../../shared/errors/index.ts';
import {
  alignmentOf,
  BASIC,
  bare,
  type CType,
  constOf,
  isInteger,
  pointerTo,
  sizeOf,
  typeToC,
} from '../ctype/index.ts';
import {
  type Expression,
  excerptAt,
  locationOf,
  type Offset,
  programError,
  type TypeName,
} from '../program/index.ts';
import { checkArithmetic } from './arithmetic.ts';
import { checkAssign, checkStep } from './assign.ts';
import { checkCall } from './call.ts';
import { checkConditional } from './conditional.ts';
import { convertTo, promotedValue } from './convert.ts';
import { Definitions } from './definitions.ts';
import { warnOfNoEffect } from './effects.ts';
import { checkIdentifier } from './identifier.ts';
import { compoundLiteral } from './initialise.ts';
import type { KernelNames } from './kernel-names.ts';
import { characterLiteral, integerLiteral } from './literals.ts';
import { checkLogical, checkNot } from './logical.ts';
import {
  checkContainerOf,
  checkIndex,
  checkMember,
  dereference,
  elementOf,
  followPath,
  referenceTo,
} from './lvalue.ts';
import { resolveFunction } from './resolve-function.ts';
import { scalarLayout } from './scalar.ts';
import { Scope } from './scope.ts';
import { typeOfName } from './type-name.ts';
import type {
  CalledFunction,
  Initialisation,
  Lvalue,
  MarshalledValue,
  TypedExpression,
  Variable,
} from './typed-tree.ts';

/** Room for the variables of a program, in bytes; they are part of the module. */
const VARIABLES_LIMIT_BYTES = 64 << 10;

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** Something that a C compiler would warn about. */
export interface Warning extends SourceLocation {
  readonly message: string;
  /** The line of the program, and a caret below the place. */
  readonly excerpt: string;
}

/** A place, or a value that has none. */
export type Operand = Lvalue | TypedExpression;

/** Whether an operand is a place (an lvalue of C). */
export function isLvalue(operand: Operand): operand is Lvalue {
  return operand.kind === 'local' || operand.kind === 'memory';
}

/**
 * Gives every expression of one program its type, by C11's rules and this kernel's names. What a C compiler would
 * refuse is a PROGRAM_TYPE error with its place. Parts of the grammar that need more than a few lines have files of their
 * own, whose functions take the checker.
 */
export class Checker {
  readonly names: KernelNames;
  readonly scope = new Scope();
  readonly definitions = new Definitions();
  readonly warnings: Warning[] = [];
  /** What `static` variables start as: once, before everything else. */
  readonly statics: Initialisation[] = [];
  /** What each `report` brings, in the order of the text. */
  readonly rows: (readonly MarshalledValue[])[] = [];
  /** Whether it writes to anything but its own variables. */
  writes = false;
  /** Whether it calls what a pointer points to, which no list of callees shows. */
  callsPointers = false;
  /** Whether it uses `find_task` or `for_each_task`. */
  usesTasks = false;
  usesRcu = false;
  /** Checks the statements within an expression; whoever checks statements sets it. */
  checkStatements: (expression: Of<'statements'>) => TypedExpression = ({ at }) => {
    throw this.error('PROGRAM_TYPE', at, 'statements have no place here');
  };
  readonly #text: string;
  readonly #callees = new Map<string, CalledFunction>();
  #variableBytes = 0;

  constructor(text: string, names: KernelNames) {
    this.#text = text;
    this.names = names;
  }

  /** The functions that the checked expressions call, each once, in the order of their first mention. */
  get callees(): readonly CalledFunction[] {
    return [...this.#callees.values()];
  }

  /** The value of `expression`: places are read, arrays and functions decay (C11 6.3.2.1). */
  check(expression: Expression): TypedExpression {
    return this.value(this.operand(expression));
  }

  /** The value of an operand. */
  value(operand: Operand): TypedExpression {
    if (!isLvalue(operand)) return operand;
    const { type, at } = operand;
    const plain = bare(type);
    const element = elementOf(type);
    if (element) return referenceTo(operand, element, at);
    if (plain.kind === 'function') return referenceTo(operand, type, at);
    if (plain.kind === 'float')
      throw this.error('PROGRAM_UNSUPPORTED', at, 'call programs cannot compute with floating-point numbers');
    if (sizeOf(type) === undefined || (isInteger(type) && !scalarLayout(type)))
      throw this.error('PROGRAM_TYPE', at, `a value of type ${typeToC(type)} cannot be read`);
    return { kind: 'read', type: unqualified(type), lvalue: operand, at };
  }

  /** The typed form of `expression`, as a place where it is one. */
  operand(expression: Expression): Operand {
    switch (expression.kind) {
      case 'integer':
        return integerLiteral(this, expression);
      case 'character':
        return characterLiteral(this, expression);
      case 'string':
        return {
          kind: 'string',
          type: pointerTo(constOf(this.names.char)),
          bytes: expression.bytes,
          at: expression.at,
        };
      case 'identifier':
        return checkIdentifier(this, expression);
      case 'unary':
        return this.#unary(expression);
      case 'binary':
        return this.#binary(expression);
      case 'conditional':
        return checkConditional(this, expression);
      case 'assign':
        return checkAssign(this, expression);
      case 'step':
        return checkStep(this, expression);
      case 'member':
        return checkMember(this, expression);
      case 'index':
        return checkIndex(this, expression);
      case 'cast':
        return this.#cast(expression);
      case 'compound':
        return compoundLiteral(this, expression);
      case 'sizeof-type':
        return this.#sizeof(this.typeName(expression.type), expression.at);
      case 'sizeof':
        return this.#sizeof(this.typeOf(expression.operand), expression.at);
      case 'alignof-type':
        return this.#alignof(this.typeName(expression.type), expression.at);
      case 'alignof':
        return this.#alignof(this.typeOf(expression.operand), expression.at);
      case 'statements':
        return this.checkStatements(expression);
      case 'offsetof': {
        const { offset } = followPath(this, this.typeName(expression.type), expression.path);
        return { kind: 'constant', type: BASIC.ulong, value: BigInt(offset), at: expression.at };
      }
      case 'container-of':
        return checkContainerOf(this, expression);
      case 'call':
        return checkCall(this, expression);
    }
  }

  /** The type of an expression that is not evaluated: sizeof and typeof; arrays do not decay there. */
  typeOf(expression: Expression): CType {
    if (expression.kind === 'string')
      return { kind: 'array', of: this.names.char, count: expression.bytes.length + 1 };
    const operand = this.quietly(() => this.operand(expression));
    if (operand.kind !== 'address' || expression.kind !== 'identifier') return operand.type;
    const plain = bare(operand.type);
    return plain.kind === 'pointer' ? plain.to : operand.type;
  }

  /** Checks what will not be run: what it calls, writes and warns of does not count. */
  quietly<T>(check: () => T): T {
    const { writes, callsPointers, usesTasks, usesRcu } = this;
    const [callees, warnings, rows] = [[...this.#callees], this.warnings.length, this.rows.length];
    const statics = this.statics.length;
    const result = check();
    Object.assign(this, { writes, callsPointers, usesTasks, usesRcu });
    this.#callees.clear();
    for (const [key, callee] of callees) this.#callees.set(key, callee);
    this.warnings.length = warnings;
    this.rows.length = rows;
    this.statics.length = statics;
    return result;
  }

  /** The value of an integer constant expression (C11 6.6). */
  constant(expression: Expression, what: string): bigint {
    const value = this.check(expression);
    if (value.kind === 'constant' && isInteger(value.type)) return value.value;
    throw this.error('PROGRAM_TYPE', expression.at, `${what} must be an integer constant`);
  }

  /** A constant of type long. */
  number(value: bigint, at: Offset): TypedExpression {
    return { kind: 'constant', type: BASIC.long, value, at };
  }

  /** A variable of the type, which nothing has set yet. */
  variable(name: string, type: CType, at: Offset): Variable {
    const sizeBytes = sizeOf(type);
    if (!sizeBytes && bare(type).kind !== 'struct')
      throw this.error('PROGRAM_TYPE', at, `'${name}' cannot be a variable: ${typeToC(type)} has no size`);
    this.#variableBytes += (sizeBytes ?? 0) + 8;
    if (sizeBytes === undefined || this.#variableBytes > VARIABLES_LIMIT_BYTES) {
      const message = `'${name}' takes the variables of this program over ${VARIABLES_LIMIT_BYTES} bytes`;
      throw this.error('PROGRAM_TOO_LARGE', at, message);
    }
    return { name, type, sizeBytes };
  }

  /** Keeps a value in a variable of its own, so that parts of it have a place. */
  keep(value: TypedExpression): Lvalue {
    const { type, at } = value;
    const variable = this.variable('a value', type, at);
    const lvalue = {
      kind: 'local',
      type,
      variable,
      offset: 0,
      bits: undefined,
      start: undefined,
      at,
    } as const;
    return { ...lvalue, type: constOf(type), start: { variable, zero: false, items: [{ lvalue, value }] } };
  }

  #unary({ operator, operand, at }: Of<'unary'>): Operand {
    if (operator === '&') return this.#addressOf(operand, at);
    const value = this.check(operand);
    if (operator === '*') return dereference(this, value, at);
    if (operator === '!') return checkNot(this, value, at);
    const converted = promotedValue(this.integer(value, `the operand of ${operator}`));
    if (operator === '+') return converted;
    const kind = operator === '-' ? 'negate' : 'complement';
    if (converted.kind !== 'constant') return { kind, type: converted.type, operand: converted, at };
    const folded = operator === '-' ? -converted.value : ~converted.value;
    return convertTo(converted.type, { ...converted, value: folded, at });
  }

  #addressOf(expression: Expression, at: Offset): TypedExpression {
    const operand =
      expression.kind === 'identifier' ? checkIdentifier(this, expression, true) : this.operand(expression);
    if (!isLvalue(operand)) {
      if (operand.kind === 'address') return operand;
      throw this.error(
        'PROGRAM_TYPE',
        at,
        '& takes a variable, a member, an element or the name of a symbol',
      );
    }
    if (operand.bits) throw this.error('PROGRAM_TYPE', at, 'a bit field has no address');
    return referenceTo(operand, operand.type, at);
  }

  #binary({ operator, left, right, at }: Of<'binary'>): TypedExpression {
    const a = this.check(left);
    if (operator === ',') warnOfNoEffect(this, a);
    const b = this.check(right);
    if (operator === ',') return { kind: 'sequence', type: b.type, first: a, second: b, at };
    if (operator !== '&&' && operator !== '||')
      return checkArithmetic(this, { operator, left: a, right: b, at });
    return checkLogical(this, { operator, left: a, right: b, at });
  }

  #cast({ to, operand, at }: Of<'cast'>): TypedExpression {
    const type = this.typeName(to);
    const value = this.check(operand);
    if (bare(type).kind === 'void') return { kind: 'convert', type: BASIC.void, operand: value, at };
    this.scalar({ ...value, type }, 'the type of a cast', at);
    return convertTo(type, this.scalar(value, 'the operand of a cast'));
  }

  #sizeof(type: CType, at: Offset): TypedExpression {
    const size = sizeOf(type);
    if (size === undefined) throw this.error('PROGRAM_TYPE', at, `${typeToC(type)} has no size`);
    return { kind: 'constant', type: BASIC.ulong, value: BigInt(size), at };
  }

  /** C11 6.5.3.4. */
  #alignof(type: CType, at: Offset): TypedExpression {
    if (sizeOf(type) === undefined) throw this.error('PROGRAM_TYPE', at, `${typeToC(type)} has no alignment`);
    return { kind: 'constant', type: BASIC.ulong, value: BigInt(alignmentOf(type).bytes), at };
  }

  /** The function `name` of this kernel, or of one of its modules. Throws SYMBOL_* with the place. */
  resolve(name: string, module: string | undefined, at: Offset): CalledFunction {
    const key = `${name}@${module ?? ''}`;
    const known = this.#callees.get(key);
    if (known) return known;
    const callee = this.located(at, () => resolveFunction(name, module, this.names));
    this.#callees.set(key, callee);
    return callee;
  }

  /** Takes note of a function that the program declares itself. */
  declareFunction(callee: CalledFunction): void {
    this.#callees.set(`${callee.name}@extern`, callee);
  }

  /** The type that `name` means. `deduced` is what `auto` stands for, where it may stand. */
  typeName(name: TypeName, deduced?: CType): CType {
    return typeOfName(this, name, deduced);
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

  /** Notes something that is C but may not be meant. */
  warn(at: Offset, message: string): void {
    this.warnings.push({ ...locationOf(this.#text, at), message, excerpt: excerptAt(this.#text, at) });
  }

  /** Whether a number is written there by its bits. */
  isHexadecimal(at: Offset): boolean {
    return /^0[xXbB0-7]/.test(this.#text.slice(at, at + 2));
  }

  /** The line of a place, from 1. */
  lineOf(at: Offset): number {
    return locationOf(this.#text, at).line;
  }

  /** An error about a place in the program. */
  error(code: ErrorCode, at: Offset, message: string): FarcallError {
    return programError(code, this.#text, at, message);
  }

  /** Runs `work`; an error that knows no place gets this one. */
  located<T>(at: Offset, work: () => T): T {
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

/** The type of a value read from a place of the type (C11 6.3.2.1, 2). */
function unqualified(type: CType): CType {
  return type.kind === 'qualified' ? unqualified(type.of) : type;
}
