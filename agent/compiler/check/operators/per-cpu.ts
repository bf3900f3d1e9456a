import { BASIC, bare, type CType, pointerTo, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Expression } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { convertTo } from '../conversions/index.ts';
import { onlyDataSymbol } from '../names/index.ts';
import type { Lvalue, TypedExpression } from '../tree/index.ts';
import { checkArithmetic } from './arithmetic.ts';
import { readValue } from './read-value.ts';
import { requireInteger } from './require-type.ts';

/** `per_cpu(variable, cpu)`: the variable of that CPU, as an lvalue. */
export function checkPerCpu(
  context: CheckContext,
  variable: Expression,
  cpu: TypedExpression,
  at: Offset,
): Lvalue {
  const { type, address } = perCpuVariable(context, variable);
  const pointer = convertTo(pointerTo(type), addressOnCpu(context, address, cpu, at));
  return { kind: 'memory', type, address: pointer, offset: 0, bits: undefined, at };
}

/** `per_cpu_ptr(pointer, cpu)`: where a pointer to per-CPU memory points on that CPU. */
export function checkPerCpuPointer(
  context: CheckContext,
  pointer: TypedExpression,
  cpu: TypedExpression,
  at: Offset,
): TypedExpression {
  if (bare(pointer.type).kind === 'pointer')
    return convertTo(pointer.type, addressOnCpu(context, pointer, cpu, at));
  const message = `per_cpu_ptr takes a pointer, not ${typeToC(pointer.type)}`;
  throw context.diagnostics.typeError(pointer.at, message);
}

function perCpuVariable(
  { names, scope, diagnostics }: CheckContext,
  variable: Expression,
): { readonly type: CType; readonly address: TypedExpression } {
  if (variable.kind !== 'identifier')
    throw diagnostics.typeError(variable.at, 'per_cpu takes the name of a per-CPU variable');
  const { name, module, at } = variable;
  const binding = module === undefined ? scope.find(name) : undefined;
  const type = binding?.kind === 'extern' ? binding.type : names.variable(name, module);
  const { address } = diagnostics.located(at, () => onlyDataSymbol(name, module, names));
  if (!type) {
    const message = `this kernel's BTF has no type for '${name}'; declare it: extern struct … ${name};`;
    throw diagnostics.typeError(at, message);
  }
  return { type, address: { kind: 'address', type: pointerTo(type), symbol: name, address, at } };
}

/** The address plus `__per_cpu_offset[cpu]` (include/asm-generic/percpu.h, v6.12). */
function addressOnCpu(
  context: CheckContext,
  address: TypedExpression,
  cpu: TypedExpression,
  at: Offset,
): TypedExpression {
  const { names, diagnostics } = context;
  const symbol = diagnostics.located(at, () => onlyDataSymbol('__per_cpu_offset', undefined, names));
  const offsets: TypedExpression = {
    kind: 'address',
    type: pointerTo(BASIC.ulong),
    symbol: symbol.name,
    address: symbol.address,
    at,
  };
  const index = requireInteger(context, cpu, 'the number of a CPU');
  const entry = checkArithmetic(context, { operator: '+', left: offsets, right: index, at });
  const lvalue: Lvalue = {
    kind: 'memory',
    type: BASIC.ulong,
    address: entry,
    offset: 0,
    bits: undefined,
    at,
  };
  const left = convertTo(BASIC.ulong, address);
  return checkArithmetic(context, { operator: '+', left, right: readValue(context, lvalue), at });
}
