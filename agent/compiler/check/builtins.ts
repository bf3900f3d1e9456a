import { BASIC, bare, type CType, pointerTo, typeToC } from '../ctype/index.ts';
import type { Expression, Offset } from '../program/index.ts';
import { checkArithmetic } from './arithmetic.ts';
import { assigned } from './assign.ts';
import { ATOMIC_BUILTINS } from './atomics.ts';
import type { Checker, Operand } from './checker.ts';
import { convertTo } from './convert.ts';
import { marshal } from './marshal.ts';
import { onlyDataSymbol } from './resolve-data.ts';
import type { Lvalue, TypedExpression } from './typed-tree.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** Checks a call of one builtin. */
export type Builtin = (checker: Checker, call: Call) => Operand;

const BUILTINS = new Map<string, Builtin>([
  ['require', checkRequire],
  ['report', checkReport],
  ['find_task', checkFindTask],
  ['per_cpu', checkPerCpu],
  ['per_cpu_ptr', checkPerCpuPointer],
  ['rcu_read_lock', (checker, call) => checkRcu(checker, call, true)],
  ['rcu_read_unlock', (checker, call) => checkRcu(checker, call, false)],
  ...ATOMIC_BUILTINS,
]);

/** The builtin `name`; undefined where it is none. */
export function builtinNamed(name: string): Builtin | undefined {
  return BUILTINS.get(name);
}

/** Names of all builtins. */
export function builtinNames(): readonly string[] {
  return [...BUILTINS.keys()];
}

/** Whether `name` is a builtin's. */
export function isBuiltin(name: string): boolean {
  return BUILTINS.has(name);
}

function checkRequire(checker: Checker, call: Call): TypedExpression {
  const [condition] = takeArguments(checker, call, 1);
  const value = checker.scalar(checker.check(condition!), 'what require asks');
  return { kind: 'require', type: BASIC.void, condition: value, at: call.at };
}

/** A row of typed values; arrays and structures go whole. */
function checkReport(checker: Checker, { args, at }: Call): TypedExpression {
  if (args.length === 0) throw checker.error('PROGRAM_TYPE', at, 'report takes at least one value');
  const values = args.map(arg => marshal(checker, checker.operand(arg)));
  return { kind: 'report', type: BASIC.void, reportIndex: checker.rows.push(values) - 1, values, at };
}

function checkFindTask(checker: Checker, call: Call): TypedExpression {
  const [pid] = takeArguments(checker, call, 1);
  const value = assigned(checker, BASIC.int, checker.check(pid!), pid!.at, "argument 1 of 'find_task': ");
  const type = taskPointer(checker, call.at);
  checker.usesTasks = true;
  const holder = checker.variable('the task found', type, call.at);
  return { kind: 'find-task', type, pid: value, holder, at: call.at };
}

/** `struct task_struct *`. */
export function taskPointer(checker: Checker, at: Offset): CType {
  const task = checker.names.tagged('struct', 'task_struct');
  if (!task) throw checker.error('PROGRAM_TYPE', at, 'this kernel has no struct task_struct in its BTF');
  return pointerTo(task);
}

/** `per_cpu(variable, cpu)`: the variable of that CPU, as a place. */
function checkPerCpu(checker: Checker, call: Call): Lvalue {
  const [variable, cpu] = takeArguments(checker, call, 2);
  const { type, address } = perCpuVariable(checker, variable!);
  const pointer = ofCpu(checker, address, cpu!, call.at);
  return {
    kind: 'memory',
    type,
    address: convertTo(pointerTo(type), pointer),
    offset: 0,
    bits: undefined,
    at: call.at,
  };
}

/** `per_cpu_ptr(pointer, cpu)`: what a pointer to per-CPU memory is on that CPU. */
function checkPerCpuPointer(checker: Checker, call: Call): TypedExpression {
  const [pointer, cpu] = takeArguments(checker, call, 2);
  const value = checker.check(pointer!);
  if (bare(value.type).kind !== 'pointer')
    throw checker.error('PROGRAM_TYPE', value.at, `per_cpu_ptr takes a pointer, not ${typeToC(value.type)}`);
  return convertTo(value.type, ofCpu(checker, value, cpu!, call.at));
}

function perCpuVariable(
  checker: Checker,
  variable: Expression,
): { readonly type: CType; readonly address: TypedExpression } {
  if (variable.kind !== 'identifier')
    throw checker.error('PROGRAM_TYPE', variable.at, 'per_cpu takes the name of a per-CPU variable');
  const { name, module, at } = variable;
  const { names } = checker;
  const binding = module === undefined ? checker.scope.find(name) : undefined;
  const type = binding?.kind === 'extern' ? binding.type : names.variable(name, module);
  const symbol = checker.located(at, () => onlyDataSymbol(name, module, names));
  if (!type) {
    const message = `'${name}' has no type in this kernel's BTF; declare it: extern struct … ${name};`;
    throw checker.error('PROGRAM_TYPE', at, message);
  }
  const address: TypedExpression = {
    kind: 'address',
    type: pointerTo(type),
    symbol: name,
    address: symbol.address,
    at,
  };
  return { type, address };
}

/** Per-CPU memory of a CPU lies `__per_cpu_offset[cpu]` behind the symbol (include/asm-generic/percpu.h, v6.12). */
function ofCpu(checker: Checker, address: TypedExpression, cpu: Expression, at: Offset): TypedExpression {
  const symbol = checker.located(at, () => onlyDataSymbol('__per_cpu_offset', undefined, checker.names));
  const offsets: TypedExpression = {
    kind: 'address',
    type: pointerTo(BASIC.ulong),
    symbol: symbol.name,
    address: symbol.address,
    at,
  };
  const index = checker.integer(checker.check(cpu), 'the number of a CPU');
  const entry = checkArithmetic(checker, { operator: '+', left: offsets, right: index, at });
  const lvalue: Lvalue = {
    kind: 'memory',
    type: BASIC.ulong,
    address: entry,
    offset: 0,
    bits: undefined,
    at,
  };
  const left = convertTo(BASIC.ulong, address);
  return checkArithmetic(checker, { operator: '+', left, right: checker.value(lvalue), at });
}

function checkRcu(checker: Checker, call: Call, lock: boolean): TypedExpression {
  takeArguments(checker, call, 0);
  checker.usesRcu = true;
  return { kind: 'rcu', type: BASIC.void, lock, at: call.at };
}

function takeArguments(checker: Checker, { callee, args, at }: Call, count: number): readonly Expression[] {
  if (args.length === count) return args;
  const name = callee.kind === 'identifier' ? callee.name : '';
  throw checker.error(
    'PROGRAM_TYPE',
    at,
    `'${name}' takes ${count} argument${count === 1 ? '' : 's'}, not ${args.length}`,
  );
}
