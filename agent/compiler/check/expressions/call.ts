import {
  alignmentOf,
  bare,
  type CType,
  type FunctionType,
  hasFloat,
  isInteger,
  prototypeToC,
  typeToC,
} from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Expression } from '../../program/index.ts';
import { type CheckContext, type DeclaredFunction, refuseFunctionName } from '../context/index.ts';
import { convertAsByAssignment, promotedValue, scalarLayout } from '../conversions/index.ts';
import { whyNotInWatch } from '../names/index.ts';
import {
  assigned,
  isBuiltin,
  readValue,
  refuseKeptArguments,
  requireScalar,
  warnOfLostBits,
} from '../operators/index.ts';
import { type CalledFunction, isLvalue, type Operand, type TypedExpression } from '../tree/index.ts';
import { checkBuiltin } from './builtins.ts';
import { checkOperand, checkValue } from './check-expression.ts';
import { checkFormat } from './check-format.ts';

/** Most arguments that a call may have; no function of a kernel comes near. */
const ARGUMENT_LIMIT = 64;

/** Records above this are no argument of any kernel's function, and the stack is 16 KiB. */
const RECORD_LIMIT_BYTES = 2048;

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** A function, or a pointer to one, and how messages name it. */
interface Called {
  readonly callee: CalledFunction | TypedExpression;
  readonly name: string;
  readonly type: FunctionType;
}

/** A call (C11 6.5.2.2): of a builtin, a function by name, or through a pointer. */
export function checkCall(context: CheckContext, call: Of<'call'>): Operand {
  const { callee, args, at } = call;
  const declared = ownFunction(context, callee);
  if (declared) return checkOwnCall(context, declared, call);
  if (callee.kind === 'identifier' && callee.module === undefined && !context.scope.find(callee.name)) {
    const { name } = callee;
    if (isBuiltin(name)) return checkBuiltin(context, name, call);
  }
  const called = resolveCalled(context, callee);
  checkCount(context, called, args, at);
  checkResult(context, called, at);
  const reason = whyNotInWatch('name' in called.callee ? called.callee : undefined);
  if (reason) context.watchBodies.refuse(context.diagnostics, at, reason);
  const typed = args.map((arg, index) => argument(context, called, arg, index));
  const offsets = args.map(arg => arg.at);
  checkFormat(context, { name: called.name, type: called.type, args: typed, offsets, at });
  refuseKeptArguments(context, { name: called.name, args: typed, offsets });
  return { kind: 'call', type: called.type.result, callee: called.callee, args: typed, at };
}

function ownFunction({ scope }: CheckContext, callee: Expression): DeclaredFunction | undefined {
  if (callee.kind !== 'identifier' || callee.module !== undefined) return undefined;
  const binding = scope.find(callee.name);
  return binding?.kind === 'own-function' ? binding.declared : undefined;
}

/** A call of a function of the program: its arguments may be of any type. */
function checkOwnCall(context: CheckContext, declared: DeclaredFunction, call: Of<'call'>): TypedExpression {
  const { name } = declared;
  const { args, at } = call;
  const callee = context.functions.use(declared, at);
  context.watchBodies.noteCall(callee, at);
  const { type } = callee;
  const { params } = type;
  if (args.length !== params.length) {
    const wanted = `${params.length} argument${params.length === 1 ? '' : 's'}`;
    const prototype = prototypeToC(name, type);
    throw context.diagnostics.typeError(at, `'${name}' takes ${wanted}, not ${args.length}: ${prototype}`);
  }
  const given = args.map((arg, index) =>
    assigned(
      context,
      params[index]!.type,
      checkValue(context, arg),
      arg.at,
      `argument ${index + 1} of '${name}': `,
    ),
  );
  refuseKeptArguments(context, { name, args: given, offsets: args.map(arg => arg.at) });
  return { kind: 'own-call', type: type.result, callee, args: given, at };
}

function resolveCalled(context: CheckContext, callee: Expression): Called {
  if (callee.kind === 'identifier') {
    const binding = callee.module === undefined ? context.scope.find(callee.name) : undefined;
    if (!binding) {
      const resolved = context.resolveFunction(callee.name, callee.module, callee.at);
      return { callee: resolved, name: callee.name, type: resolved.type };
    }
    if (binding.kind === 'function')
      return { callee: binding.callee, name: callee.name, type: binding.callee.type };
  }
  const operand = checkOperand(context, callee);
  const pointer = isLvalue(operand) ? readValue(context, operand) : operand;
  const plain = bare(pointer.type);
  const type = plain.kind === 'pointer' ? bare(plain.to) : plain;
  if (type.kind !== 'function')
    throw context.diagnostics.typeError(
      callee.at,
      `a value of type ${typeToC(pointer.type)} cannot be called`,
    );
  const named = pointer.kind === 'address' ? context.calleeAt(pointer) : undefined;
  if (named) return { callee: { ...named, type }, name: named.name, type };
  if (callee.kind === 'identifier') refuseFunctionName(context, 'a pointer', callee.name, callee.at);
  context.callsPointers = true;
  return { callee: pointer, name: callee.kind === 'identifier' ? callee.name : 'the function', type };
}

function checkCount(
  context: CheckContext,
  { name, type }: Called,
  args: readonly Expression[],
  at: Offset,
): void {
  const { params, variadic } = type;
  const enough = variadic ? args.length >= params.length : args.length === params.length;
  if (enough && args.length <= ARGUMENT_LIMIT) return;
  const wanted = `${variadic ? 'at least ' : ''}${params.length} argument${params.length === 1 ? '' : 's'}`;
  throw context.diagnostics.typeError(
    at,
    `'${name}' takes ${wanted}, not ${args.length}: ${prototypeToC(name, type)}${mayBeAssembler(type, name)}`,
  );
}

/**
 * Surprise: BTF that was made of what the assembler says of its functions has each as `void (void)`, and
 * nothing tells them from real ones (strlen and crc32_le in Debian's 6.1 for arm64, pahole 1.24). A
 * declaration in the program counts for more.
 */
function mayBeAssembler({ params, variadic, result }: FunctionType, name: string): string {
  const saysNothing = params.length === 0 && !variadic && bare(result).kind === 'void';
  return saysNothing ? `; if it is written in assembler, declare it (extern int ${name}(…);)` : '';
}

function argument(
  context: CheckContext,
  { name, type }: Called,
  arg: Expression,
  index: number,
): TypedExpression {
  const value = checkValue(context, arg);
  const param = type.params[index];
  if (!param) return promotedArgument(context, value);
  const which = `argument ${index + 1} of '${name}'`;
  const why = whyNotByValue(param.type);
  if (why)
    throw context.diagnostics.error(
      'PROGRAM_UNSUPPORTED',
      arg.at,
      `${which}: cannot pass ${typeToC(param.type)} by value: ${why}`,
    );
  const converted = convertAsByAssignment(param.type, value);
  if (typeof converted === 'string')
    throw context.diagnostics.typeError(arg.at, `${which}: ${converted}: ${prototypeToC(name, type)}`);
  warnOfLostBits(context, param.type, value);
  return converted;
}

/** Default argument promotions (C11 6.5.2.2, 6) for what the `...` takes. */
function promotedArgument(context: CheckContext, value: TypedExpression): TypedExpression {
  const scalar = requireScalar(context, value, 'an argument');
  return isInteger(scalar.type) ? promotedValue(scalar) : scalar;
}

/**
 * Why a value of the type cannot be an argument or a result, where it cannot: floating numbers travel in
 * vector registers, which a kernel must not touch, and 128-bit ones follow rules of their own.
 */
export function whyNotByValue(type: CType): string | undefined {
  const plain = bare(type);
  if (plain.kind === 'void' || scalarLayout(type)) return undefined;
  if (plain.kind !== 'struct' && plain.kind !== 'union') return 'call programs have no values of this type';
  if (hasFloat(plain)) return 'it contains a floating-point number';
  if (plain.sizeBytes === undefined) return "this kernel's BTF does not describe its members";
  if (alignmentOf(plain).bytes > 16 || plain.sizeBytes > RECORD_LIMIT_BYTES)
    return `it is larger than ${RECORD_LIMIT_BYTES} bytes, or aligned to more than 16`;
  return undefined;
}

function checkResult(context: CheckContext, { name, type }: Called, at: Offset): void {
  const why = whyNotByValue(type.result);
  if (!why) return;
  const message = `call programs cannot call '${name}', which returns ${typeToC(type.result)} by value: ${why}`;
  throw context.diagnostics.error('PROGRAM_UNSUPPORTED', at, message);
}
