import { undoneRequest } from '../../../../shared/undo/index.ts';
import { BASIC, type CType, constOf, pointerTo } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Expression } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { convertTo } from '../conversions/index.ts';
import { bootClock, STACK_ENTRIES, stackSupport, supportFunction } from '../names/index.ts';
import {
  ATOMIC_BUILTINS,
  assigned,
  type BuiltinName,
  checkPerCpu,
  checkPerCpuPointer,
  marshal,
  requireScalar,
} from '../operators/index.ts';
import type { Operand, TypedExpression } from '../tree/index.ts';
import { checkOperand, checkValue } from './check-expression.ts';
import { reportedColumns } from './reported-columns.ts';

type Call = Extract<Expression, { kind: 'call' }>;

type Builtin = (context: CheckContext, call: Call) => Operand;

const BUILTINS: Readonly<Record<BuiltinName, Builtin>> = {
  require: checkRequire,
  report: checkReport,
  undo: checkUndo,
  hit: checkHit,
  elapsed_ns: checkElapsed,
  boot_ns: checkBootTime,
  stack_here: checkStackHere,
  find_task: checkFindTask,
  symbol_name: checkSymbolName,
  per_cpu(context, call) {
    const [variable, cpu] = argumentsOf(context, call, 2);
    return checkPerCpu(context, variable!, checkValue(context, cpu!), call.at);
  },
  per_cpu_ptr(context, call) {
    const [pointer, cpu] = argumentsOf(context, call, 2);
    return checkPerCpuPointer(context, checkValue(context, pointer!), checkValue(context, cpu!), call.at);
  },
  rcu_read_lock: (context, call) => checkRcu(context, call, true),
  rcu_read_unlock: (context, call) => checkRcu(context, call, false),
  cmpxchg: (context, call) => checkAtomic(context, call, 'cmpxchg'),
  xchg: (context, call) => checkAtomic(context, call, 'xchg'),
  __atomic_fetch_add: (context, call) => checkAtomic(context, call, '__atomic_fetch_add'),
  __atomic_fetch_sub: (context, call) => checkAtomic(context, call, '__atomic_fetch_sub'),
  __atomic_fetch_and: (context, call) => checkAtomic(context, call, '__atomic_fetch_and'),
  __atomic_fetch_or: (context, call) => checkAtomic(context, call, '__atomic_fetch_or'),
  __atomic_fetch_xor: (context, call) => checkAtomic(context, call, '__atomic_fetch_xor'),
};

/** Types a call of the builtin `name`. Throws PROGRAM_TYPE for wrong arguments. */
export function checkBuiltin(context: CheckContext, name: BuiltinName, call: Call): Operand {
  return BUILTINS[name](context, call);
}

function checkRequire(context: CheckContext, call: Call): TypedExpression {
  context.watchBodies.refuse(context.diagnostics, call.at, 'require cannot end the program: write an if');
  const [condition] = argumentsOf(context, call, 1);
  const value = requireScalar(context, checkValue(context, condition!), 'the condition of require');
  return { kind: 'require', type: BASIC.void, condition: value, at: call.at };
}

/**
 * `undo("REQUEST")`: what it does is known on each host alone. It is a write whatever that is, and the whole
 * program: each host makes another program of it.
 */
function checkUndo(context: CheckContext, call: Call): TypedExpression {
  const { diagnostics, source } = context;
  argumentsOf(context, call, 1);
  if (undoneRequest(typeof source === 'string' ? source : source.text) === undefined)
    throw diagnostics.typeError(
      call.at,
      'undo("REQUEST") with the id of a request is a whole program: nothing stands beside it',
    );
  context.writes = true;
  context.undoes = true;
  return { kind: 'constant', type: BASIC.int, value: 0n, at: call.at };
}

/** `hit()` counts for `until`. */
function checkHit(context: CheckContext, call: Call): TypedExpression {
  argumentsOf(context, call, 0);
  if (!context.watchBodies.isOpen)
    throw context.diagnostics.typeError(call.at, 'hit() stands in the body of a watch, and nowhere else');
  context.watchBodies.noteHit();
  return { kind: 'hit', type: BASIC.void, at: call.at };
}

/** `boot_ns()`: nanoseconds since the host started, by a clock that takes no lock. */
function checkBootTime({ watchBodies, diagnostics, names }: CheckContext, call: Call): TypedExpression {
  argumentsOf({ diagnostics }, call, 0);
  if (!watchBodies.isOpen)
    throw diagnostics.typeError(call.at, 'boot_ns() stands in the body of a watch, and nowhere else');
  const clock = diagnostics.located(call.at, () => bootClock(names));
  return { kind: 'boot-time', type: BASIC.ulong, clock, at: call.at };
}

const ENTRIES: CType = { kind: 'array', of: pointerTo(BASIC.void), count: STACK_ENTRIES };

/** `struct stack { void *ip[16]; }`: one type, however often it is asked for; no other has its number. */
const STACK: CType = {
  ...{ kind: 'struct', name: 'stack', sizeBytes: STACK_ENTRIES * 8, id: Number.MIN_SAFE_INTEGER },
  members: () => [{ name: 'ip', type: ENTRIES, bitOffset: 0, bitWidth: 0 }],
};

/** `stack_here()`: the function that is entered, and its callers. */
function checkStackHere(context: CheckContext, call: Call): TypedExpression {
  const { watchBodies, diagnostics, names } = context;
  const { at } = call;
  argumentsOf(context, call, 0);
  const { place } = watchBodies;
  if (place?.moment !== 'entry')
    throw diagnostics.typeError(
      at,
      'stack_here() stands in the body of a watch, and nowhere else: when a function has returned, its stack is gone; stack(task) reports that of a task that sleeps',
    );
  const support = diagnostics.located(at, () => stackSupport(names, place));
  const type = STACK;
  const room = context.newVariable('the stack', type, at);
  const lvalue = {
    kind: 'local',
    type,
    variable: room,
    offset: 0,
    bits: undefined,
    start: undefined,
    at,
  } as const;
  const first = { kind: 'save-stack', type: BASIC.void, room, support, at } as const;
  return { kind: 'sequence', type, first, second: { kind: 'read', type, lvalue, at }, at };
}

/** `elapsed_ns()`: nanoseconds from the entry of the function that has returned. */
function checkElapsed({ watchBodies, diagnostics }: CheckContext, call: Call): TypedExpression {
  argumentsOf({ diagnostics }, call, 0);
  if (!watchBodies.noteTimed())
    throw diagnostics.typeError(
      call.at,
      'elapsed_ns() stands in the body of a watch_return, and nowhere else',
    );
  return { kind: 'elapsed', type: BASIC.ulong, at: call.at };
}

/** A row of typed values, each with the name of its column. Arrays and structures are reported as a whole. */
function checkReport(context: CheckContext, call: Call): TypedExpression {
  const { args, at } = call;
  if (args.length === 0) throw context.diagnostics.typeError(at, 'report takes at least one value');
  const values = reportedColumns(context, call).map(({ column, value }) => ({
    ...marshal(context, checkOperand(context, value)),
    column,
  }));
  return { kind: 'report', type: BASIC.void, reportIndex: context.rows.push(values) - 1, values, at };
}

function checkFindTask(context: CheckContext, call: Call): TypedExpression {
  const [pid] = argumentsOf(context, call, 1);
  const given = checkValue(context, pid!);
  const value = assigned(context, BASIC.int, given, pid!.at, "argument 1 of 'find_task': ");
  const type = taskPointer(context, call.at);
  context.usesTasks = true;
  const holder = context.newVariable('the task found', type, call.at);
  return { kind: 'find-task', type, pid: value, holder, at: call.at };
}

/**
 * Bytes of the text: the kernel writes at most KSYM_SYMBOL_LEN (include/linux/kallsyms.h, v6.12: 512 and some
 * 190).
 */
const SYMBOL_TEXT_BYTES = 1024;

function checkSymbolName(context: CheckContext, call: Call): TypedExpression {
  const { diagnostics, names } = context;
  const [address] = argumentsOf(context, call, 1);
  const value = requireScalar(context, checkValue(context, address!), 'the address of symbol_name');
  const printer = supportFunction(names, 'sprint_symbol');
  if (!printer)
    throw diagnostics.typeError(call.at, 'this kernel has no sprint_symbol() to name symbols with');
  const text: CType = { kind: 'array', of: names.char, count: SYMBOL_TEXT_BYTES };
  const room = context.newVariable('the name of the symbol', text, call.at);
  const type = pointerTo(constOf(names.char));
  return { kind: 'symbol-name', type, address: convertTo(BASIC.ulong, value), room, printer, at: call.at };
}

/** `struct task_struct *`. Throws PROGRAM_TYPE if the kernel's BTF has no such structure. */
export function taskPointer({ names, diagnostics, watchBodies }: CheckContext, at: Offset): CType {
  watchBodies.refuse(diagnostics, at, 'no task can be held: use current');
  const task = names.tagged('struct', 'task_struct');
  if (!task) throw diagnostics.typeError(at, "this kernel's BTF has no struct task_struct");
  return pointerTo(task);
}

function checkRcu(context: CheckContext, call: Call, lock: boolean): TypedExpression {
  argumentsOf(context, call, 0);
  context.watchBodies.refuse(
    context.diagnostics,
    call.at,
    'rcu_read_lock has nothing to do: RCU waits for the body anyway',
  );
  context.usesRcu = true;
  return { kind: 'rcu', type: BASIC.void, lock, at: call.at };
}

function checkAtomic(context: CheckContext, call: Call, name: keyof typeof ATOMIC_BUILTINS): TypedExpression {
  const { least, most, check } = ATOMIC_BUILTINS[name];
  const args = argumentsOf(context, call, least, most).map(arg => {
    return { value: checkValue(context, arg), at: arg.at };
  });
  return check(context, { name, args, at: call.at });
}

/** The arguments of a call, if they are at least `least` and at most `most`. */
function argumentsOf(
  { diagnostics }: Pick<CheckContext, 'diagnostics'>,
  { callee, args, at }: Call,
  least: number,
  most = least,
): readonly Expression[] {
  if (args.length >= least && args.length <= most) return args;
  const name = callee.kind === 'identifier' ? callee.name : '';
  const wanted = least === most ? String(least) : `${least} or ${most}`;
  const noun = most === 1 ? 'argument' : 'arguments';
  throw diagnostics.typeError(at, `'${name}' takes ${wanted} ${noun}, not ${args.length}`);
}
