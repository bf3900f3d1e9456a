import { FarcallError } from '../../../shared/errors/index.ts';
import {
  type ArithmeticOperator,
  isSignedOperation,
  scalarLayout,
  type TypedExpression,
} from '../check/index.ts';
import { bare, type CType, sizeOf } from '../ctype/index.ts';
import type { IrBuilder } from './blocks/index.ts';
import { END, type IrOperator, type LocalOffset, type Temp } from './blocks/index.ts';
import { lowerAtomic } from './lower-atomic.ts';
import { lowerCall } from './lower-call.ts';
import { lowerOwnCall } from './lower-function.ts';
import { lowerElapsed, lowerSaveStack } from './lower-handler.ts';
import {
  addressOf,
  readBlock,
  readLvalue,
  resolveLvalue,
  sharedElement,
  writeBlock,
  writeLvalue,
} from './lower-lvalue.ts';
import { lowerReport } from './lower-result.ts';
import { lowerStatement } from './lower-statement.ts';
import { lowerSymbolName } from './lower-symbol-name.ts';
import { lowerFindTask } from './lower-tasks.ts';
import type { Lowering } from './lowering.ts';
import { markRcu } from './mark-locks.ts';
import { countInWatch, updateShared } from './watch-sharing.ts';

type Of<K extends TypedExpression['kind']> = Extract<TypedExpression, { kind: K }>;

/** Evaluates an expression: the temporary that holds its value; undefined for void and for records. */
export function lower(lowering: Lowering, expression: TypedExpression): Temp | undefined {
  const { builder } = lowering;
  switch (expression.kind) {
    case 'constant':
      return builder.constant(expression.value);
    case 'address':
      return builder.constant(expression.address);
    case 'string':
      return lowerString(lowering, expression);
    case 'parameter':
      return lower(lowering, expression.value);
    case 'convert':
      return lowerConvert(lowering, expression.type, expression.operand);
    case 'negate':
    case 'complement':
      return lowerUnary(lowering, expression);
    case 'not':
      return builder.binary('eq', lowerValue(lowering, expression.operand), builder.constant(0n));
    case 'arithmetic':
      return lowerArithmetic(lowering, expression);
    case 'logical':
      return lowerLogical(lowering, expression);
    case 'conditional':
      return lowerConditional(lowering, expression);
    case 'sequence':
      lower(lowering, expression.first);
      return lower(lowering, expression.second);
    case 'call':
      return lowerCall(lowering, expression).value;
    case 'own-call':
      return lowerOwnCall(lowering, expression).value;
    case 'reference':
      return addressOf(lowering, resolveLvalue(lowering, expression.lvalue));
    case 'read':
      if (isRecord(expression.type)) return void lowerRecord(lowering, expression);
      return readLvalue(lowering, resolveLvalue(lowering, expression.lvalue));
    case 'assign':
      if (isRecord(expression.type)) return void lowerRecord(lowering, expression);
      return lowerAssign(lowering, expression);
    case 'update':
      return lowerUpdate(lowering, expression);
    case 'statements':
      return lowerStatementExpression(lowering, expression);
    case 'atomic':
      return lowerAtomic(lowering, expression);
    case 'old':
      return lowering.olds.get(expression.of);
    case 'require':
      return void lowering.endUnless(lowerValue(lowering, expression.condition), END.SKIPPED, expression.at);
    case 'report':
      return void lowerReport(lowering, expression);
    case 'find-task':
      return lowerFindTask(lowering, expression);
    case 'symbol-name':
      return lowerSymbolName(lowering, expression);
    case 'rcu':
      return markRcu(lowering, expression);
    default:
      return lowerWhereItRuns(lowering, expression);
  }
}

/** What depends on where the code runs: in the body of a watch, and on whose behalf. */
function lowerWhereItRuns(
  lowering: Lowering,
  expression: Of<'hit' | 'elapsed' | 'boot-time' | 'save-stack' | 'current'>,
): Temp | undefined {
  switch (expression.kind) {
    case 'hit':
      return void countInWatch(lowering, 'hits');
    case 'elapsed':
      return lowerElapsed(lowering);
    case 'boot-time':
      return lowering.call(expression.clock, []);
    case 'save-stack':
      return void lowerSaveStack(lowering, expression);
    case 'current':
      return lowerCurrent(lowering, expression);
  }
}

/** Throws KERNEL_LACKS where nothing is loaded: no task runs the program then. */
function lowerCurrent({ builder, target }: Lowering, { perCpu }: Of<'current'>): Temp {
  if (target === 'interpreter')
    throw new FarcallError(
      'KERNEL_LACKS',
      "'current' is the task that loads a program, and this one is not loaded",
    );
  const to = builder.temp();
  builder.emit({ op: 'current', to, perCpu });
  return to;
}

/** Evaluates an expression that has a scalar value. */
export function lowerValue(lowering: Lowering, expression: TypedExpression): Temp {
  const temp = lower(lowering, expression);
  if (temp === undefined) throw new Error(`an expression of kind ${expression.kind} has no value`);
  return temp;
}

/** Evaluates a structure or union: where it lies in the program's own memory, until the next write there. */
export function lowerRecord(lowering: Lowering, expression: TypedExpression): LocalOffset {
  switch (expression.kind) {
    case 'read':
      return readRecord(lowering, expression);
    case 'assign': {
      const lvalue = resolveLvalue(lowering, expression.lvalue);
      const from = lowerRecord(lowering, expression.value);
      writeBlock(lowering, lvalue, from);
      return from;
    }
    case 'call':
      return lowerCall(lowering, expression).block!.offset;
    case 'own-call':
      return lowerOwnCall(lowering, expression).block!.offset;
    case 'sequence':
      lower(lowering, expression.first);
      return lowerRecord(lowering, expression.second);
    case 'conditional':
      return lowerRecordConditional(lowering, expression);
    case 'statements':
      lowerStatements(lowering, expression);
      return lowerRecord(lowering, expression.value!);
    default:
      throw new Error(`an expression of kind ${expression.kind} is no record`);
  }
}

/** What follows a jump out of them is never reached, but must stand somewhere. */
function lowerStatements(lowering: Lowering, { statements }: Of<'statements'>): void {
  const { builder } = lowering;
  for (const each of statements) lowerStatement(lowering, each);
  if (!builder.isOpen) builder.enter(builder.block());
}

function lowerStatementExpression(lowering: Lowering, expression: Of<'statements'>): Temp | undefined {
  lowerStatements(lowering, expression);
  if (!expression.value) return undefined;
  return isRecord(expression.type)
    ? void lowerRecord(lowering, expression.value)
    : lower(lowering, expression.value);
}

function lowerString({ builder }: Lowering, { bytes }: Of<'string'>): Temp {
  const to = builder.temp();
  builder.emit({ op: 'data', to, offset: builder.string(bytes) });
  return to;
}

function lowerUnary(lowering: Lowering, expression: Of<'negate' | 'complement'>): Temp {
  const { builder } = lowering;
  const operand = lowerValue(lowering, expression.operand);
  const value =
    expression.kind === 'negate'
      ? builder.binary('sub', builder.constant(0n), operand)
      : builder.binary('xor', operand, builder.constant(-1n));
  return normalise(builder, expression.type, value);
}

function readRecord(lowering: Lowering, { lvalue, type }: Of<'read'>): LocalOffset {
  const resolved = resolveLvalue(lowering, lvalue);
  if (resolved.kind === 'local') return resolved.offset;
  const to = lowering.allocate(sizeOf(type) ?? 0);
  readBlock(lowering, resolved, to);
  return to;
}

function isRecord(type: CType): boolean {
  const { kind } = bare(type);
  return kind === 'struct' || kind === 'union';
}

function lowerConvert(lowering: Lowering, type: CType, operand: TypedExpression): Temp | undefined {
  const value = lower(lowering, operand);
  if (value === undefined || bare(type).kind === 'void') return undefined;
  return normalise(lowering.builder, type, value);
}

function lowerAssign(lowering: Lowering, { lvalue, value }: Of<'assign'>): Temp {
  const resolved = resolveLvalue(lowering, lvalue);
  return writeLvalue(lowering, resolved, lowerValue(lowering, value));
}

function lowerUpdate(lowering: Lowering, { lvalue, old, value, yields }: Of<'update'>): Temp {
  const resolved = resolveLvalue(lowering, lvalue);
  if (resolved.kind === 'shared' && !lvalue.bits)
    return updateShared(lowering, { ...resolved, old, yields }, () => lowerValue(lowering, value));
  const address = sharedElement(lowering, resolved);
  if (address !== undefined)
    return updateShared(lowering, { address, source: lvalue, old, yields }, () =>
      lowerValue(lowering, value),
    );
  const found = readLvalue(lowering, resolved);
  lowering.olds.set(old, found);
  const stored = writeLvalue(lowering, resolved, lowerValue(lowering, value));
  return yields === 'new' ? stored : found;
}

/** Brings a 64-bit value into the form that values of `type` have in a temporary. */
export function normalise(builder: IrBuilder, type: CType, from: Temp): Temp {
  const layout = scalarLayout(type);
  if (!layout) throw new Error('only scalars live in temporaries');
  if (layout.isBool) return builder.binary('ne', from, builder.constant(0n));
  if (layout.sizeBytes === 8) return from;
  const to = builder.temp();
  const bits = (layout.sizeBytes * 8) as 8 | 16 | 32;
  builder.emit({ op: 'extend', to, from, bits, signed: layout.signed });
  return to;
}

/**
 * Operators by what they are on signed and on unsigned values; greater-than is less-than with the sides
 * changed.
 */
const OPERATORS: Readonly<
  Record<ArithmeticOperator, readonly [signed: IrOperator, unsigned: IrOperator, swap?: boolean]>
> = {
  '+': ['add', 'add'],
  '-': ['sub', 'sub'],
  '*': ['mul', 'mul'],
  '/': ['sdiv', 'udiv'],
  '%': ['srem', 'urem'],
  '<<': ['shl', 'shl'],
  '>>': ['sar', 'shr'],
  '&': ['and', 'and'],
  '|': ['or', 'or'],
  '^': ['xor', 'xor'],
  '==': ['eq', 'eq'],
  '!=': ['ne', 'ne'],
  '<': ['slt', 'ult'],
  '<=': ['sle', 'ule'],
  '>': ['slt', 'ult', true],
  '>=': ['sle', 'ule', true],
};

function lowerArithmetic(lowering: Lowering, expression: Of<'arithmetic'>): Temp {
  const { builder } = lowering;
  const { operator, left, right, type, at } = expression;
  const [signed, unsigned, swap] = OPERATORS[operator];
  const a = lowerValue(lowering, left);
  let b = lowerValue(lowering, right);
  // Division by zero would be an oops in the kernel; it ends the program instead.
  if (operator === '/' || operator === '%') lowering.endUnless(b, END.DIVIDED_BY_ZERO, at);
  if (operator === '<<' || operator === '>>') b = maskShift(builder, left.type, b);
  const ir = isSignedOperation(left) ? signed : unsigned;
  return normalise(builder, type, swap ? builder.binary(ir, b, a) : builder.binary(ir, a, b));
}

/**
 * A shift count outside of the type is undefined in C; here it counts modulo the width, the same on every
 * CPU.
 */
function maskShift(builder: IrBuilder, type: CType, count: Temp): Temp {
  const bits = BigInt((scalarLayout(type)?.sizeBytes ?? 8) * 8);
  return builder.binary('and', count, builder.constant(bits - 1n));
}

function lowerLogical(lowering: Lowering, { operator, left, right }: Of<'logical'>): Temp {
  const { builder } = lowering;
  const to = builder.temp();
  const more = builder.block();
  const done = builder.block();
  const truth = (side: TypedExpression): Temp =>
    builder.binary('ne', lowerValue(lowering, side), builder.constant(0n));
  builder.emit({ op: 'copy', to, from: truth(left) });
  const isAnd = operator === '&&';
  builder.terminate({
    op: 'branch',
    condition: to,
    then: isAnd ? more : done,
    otherwise: isAnd ? done : more,
  });
  builder.enter(more);
  builder.emit({ op: 'copy', to, from: truth(right) });
  builder.terminate({ op: 'jump', target: done });
  builder.enter(done);
  return to;
}

/** Evaluates the condition, then one of the branches. */
function lowerBranches(
  lowering: Lowering,
  expression: Of<'conditional'>,
  branchTo: (branch: TypedExpression) => void,
): void {
  const { builder } = lowering;
  const [then, otherwise, done] = [builder.block(), builder.block(), builder.block()];
  builder.branchInto(lowerValue(lowering, expression.condition), then, otherwise);
  branchTo(expression.then);
  builder.terminate({ op: 'jump', target: done });
  builder.enter(otherwise);
  branchTo(expression.otherwise);
  builder.terminate({ op: 'jump', target: done });
  builder.enter(done);
}

function lowerConditional(lowering: Lowering, expression: Of<'conditional'>): Temp | undefined {
  const { builder } = lowering;
  if (isRecord(expression.type)) return void lowerRecord(lowering, expression);
  const to = bare(expression.type).kind === 'void' ? undefined : builder.temp();
  lowerBranches(lowering, expression, branch => {
    const from = lower(lowering, branch);
    if (to !== undefined && from !== undefined) builder.emit({ op: 'copy', to, from });
  });
  return to;
}

function lowerRecordConditional(lowering: Lowering, expression: Of<'conditional'>): LocalOffset {
  const bytes = sizeOf(expression.type) ?? 0;
  const to = lowering.allocate(bytes);
  lowerBranches(lowering, expression, branch => {
    const from = lowerRecord(lowering, branch);
    if (bytes > 0) lowering.builder.emit({ op: 'move', to, from, bytes });
  });
  return to;
}
