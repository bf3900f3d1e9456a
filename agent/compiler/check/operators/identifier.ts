import { BASIC, pointerTo } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Expression } from '../../program/index.ts';
import type { Binding, CheckContext } from '../context/index.ts';
import { currentOfCpu, onlyDataSymbol, unknownName } from '../names/index.ts';
import type { Lvalue, Operand, TypedExpression } from '../tree/index.ts';
import { isBuiltin, MEMORY_ORDERS } from './builtin-names.ts';

type Identifier = Extract<Expression, { kind: 'identifier' }>;

/**
 * What a name stands for: variables and what the program declares as extern, then functions, per-CPU
 * variables and enumerators of this kernel. Behind `&` (`addressTaken`) any symbol will do, as a `void *`.
 */
export function checkIdentifier(
  context: CheckContext,
  identifier: Identifier,
  addressTaken = false,
): Operand {
  const { name, module, at } = identifier;
  const binding = module === undefined ? context.scope.find(name) : declaredOf(context, name, module);
  if (binding?.kind === 'type')
    throw context.diagnostics.typeError(at, `expected a value, but '${name}' is a type`);
  if (binding?.kind === 'own-function')
    throw context.diagnostics.typeError(
      at,
      `'${name}' is a function of the program, which can only be called: it has no address in the kernel`,
    );
  if (binding?.kind === 'awaited')
    throw context.diagnostics.error(
      'PROGRAM_UNSUPPORTED',
      at,
      `the module '${binding.module}' is not loaded: '${name}' of it can be denied once it is, and nothing else`,
    );
  if (binding) return boundOperand(binding, at);
  const { names } = context;
  if (module === undefined && name === 'NULL')
    return { kind: 'constant', type: pointerTo(BASIC.void), value: 0n, at };
  if (module === undefined && (name === 'true' || name === 'false'))
    return { kind: 'constant', type: BASIC.int, value: name === 'true' ? 1n : 0n, at };
  if (module === undefined && name === 'current') return currentTask(context, at);
  const order = MEMORY_ORDERS.get(name);
  if (module === undefined && order !== undefined)
    return { kind: 'constant', type: BASIC.int, value: order, at };
  if (isBuiltin(name)) throw context.diagnostics.typeError(at, `'${name}' must be called: ${name}(...)`);
  if (names.hasPrototype(name, module)) return functionAddress(context, identifier);
  const known = kernelVariable(context, identifier) ?? enumerator(context, name, at);
  if (known) return known;
  // A compiler's clones of a function are what is left of it: the error says so.
  if (names.symbols.variants(name).length > 0) return functionAddress(context, identifier);
  return untyped(context, identifier, addressTaken);
}

/**
 * The task that runs the code: in a watch the one that entered the function, else the one that loads the
 * program.
 */
function currentTask({ names, diagnostics }: CheckContext, at: Offset): TypedExpression {
  const task = names.tagged('struct', 'task_struct');
  if (!task) throw diagnostics.typeError(at, "this kernel's BTF has no struct task_struct");
  return { kind: 'current', type: pointerTo(task), perCpu: currentOfCpu(names), at };
}

/** What the program declared as `extern … name@module`. */
export function declaredOf({ scope }: CheckContext, name: string, module: string): Binding | undefined {
  const found = scope.find(name);
  if (found?.kind === 'extern' || found?.kind === 'awaited')
    return found.module === module ? found : undefined;
  return found?.kind === 'function' && found.callee.module === module ? found : undefined;
}

function functionAddress(context: CheckContext, { name, module, at }: Identifier): TypedExpression {
  const { type, address } = context.resolveFunction(name, module, at);
  return { kind: 'address', type: pointerTo(type), symbol: name, address, at };
}

function boundOperand(
  binding: Exclude<Binding, { kind: 'type' | 'own-function' | 'awaited' }>,
  at: Offset,
): Operand {
  switch (binding.kind) {
    case 'variable': {
      const { variable } = binding;
      const shared = { offset: 0, bits: undefined, start: undefined, at };
      return { kind: 'local', type: variable.type, variable, ...shared };
    }
    case 'extern': {
      const { type, symbol, address } = binding;
      const pointer: TypedExpression = { kind: 'address', type: pointerTo(type), symbol, address, at };
      return { kind: 'memory', type, address: pointer, offset: 0, bits: undefined, at };
    }
    case 'parameter':
      return { ...binding.operand, at };
    case 'enumerator':
      return { kind: 'constant', type: binding.type, value: binding.value, at };
    case 'function': {
      const { name, address, type } = binding.callee;
      return { kind: 'address', type: pointerTo(type), symbol: name, address, at };
    }
  }
}

/** A variable that BTF has a type for. Those are per-CPU ones, unless the kernel was built to have all. */
function kernelVariable(context: CheckContext, { name, module, at }: Identifier): Lvalue | undefined {
  const type = context.names.variable(name, module);
  if (!type) return undefined;
  const symbol = context.diagnostics.located(at, () => onlyDataSymbol(name, module, context.names));
  if (context.names.isPerCpu(symbol.address))
    throw context.diagnostics.typeError(at, `each CPU has its own '${name}'; write per_cpu(${name}, 0)`);
  const address: TypedExpression = {
    kind: 'address',
    type: pointerTo(type),
    symbol: name,
    address: symbol.address,
    at,
  };
  return { kind: 'memory', type, address, offset: 0, bits: undefined, at };
}

function enumerator(context: CheckContext, name: string, at: Offset): TypedExpression | undefined {
  const found = context.names.enumerator(name);
  return found && { kind: 'constant', ...found, at };
}

function untyped(
  context: CheckContext,
  { name, module, at }: Identifier,
  addressTaken: boolean,
): TypedExpression {
  const { names } = context;
  if (names.symbols.lookup(name).length === 0) {
    const what = addressTaken ? 'symbol' : 'function, enumerator or symbol';
    const declared = [...context.scope.visible().keys()];
    throw context.diagnostics.located(at, () => unknownName(name, what, names, declared));
  }
  if (!addressTaken) {
    const message = `this kernel's BTF has no type for '${name}'; declare it (extern struct … ${name};), or take its address: &${name} is a void *`;
    throw context.diagnostics.typeError(at, message);
  }
  const symbol = context.diagnostics.located(at, () => onlyDataSymbol(name, module, names));
  return { kind: 'address', type: pointerTo(BASIC.void), symbol: name, address: symbol.address, at };
}
