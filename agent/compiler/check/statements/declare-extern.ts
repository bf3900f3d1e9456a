import { BASIC, bare, type CType, type FunctionType, prototypeToC } from '../../ctype/index.ts';
import type { Declaration } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { isFunctionPointer } from '../conversions/index.ts';
import { typeOfName } from '../expressions/index.ts';
import {
  moduleOf,
  notInModule,
  onlyDataSymbol,
  onlyTextSymbol,
  refuseInitText,
  unknownName,
} from '../names/index.ts';

/**
 * `extern struct uts_namespace init_uts_ns;` and `int f(int);`: the symbol table gives the address, the
 * program the type.
 *
 * Threat: a wrong prototype calls a function with another convention than it has. The program is signed with
 * the declaration in it, so its approvers have seen it; names that are no plain text symbol are refused here
 * as anywhere.
 */
export function declareExtern(context: CheckContext, declaration: Declaration): void {
  const { name, module, initializer, at } = declaration;
  if (initializer)
    throw context.diagnostics.typeError(
      at,
      `'${name}' belongs to the kernel, so a program cannot initialise it`,
    );
  const type = typeOfName(context, declaration.type);
  const plain = bare(type);
  const declared =
    plain.kind === 'function'
      ? declareFunction(context, declaration, plain)
      : declareData(context, declaration, type);
  if (!declared)
    throw context.diagnostics.typeError(at, `'${module ? `${name}@${module}` : name}' is declared twice`);
}

/**
 * Threat: a function that calls what it is given, declared to take a number there, would call any address
 * (`checkPassedPointers`). So a parameter that is a pointer to a function by BTF is one in the declaration.
 */
function keepFunctionPointers(
  { names, diagnostics }: CheckContext,
  { name, at }: Declaration,
  { type, module }: { readonly type: FunctionType; readonly module: string | undefined },
): void {
  for (const known of names.prototypes(name, module)) {
    const lost = known.params.findIndex(
      (param, index) =>
        isFunctionPointer(param.type) && !isFunctionPointer(type.params[index]?.type ?? BASIC.void),
    );
    if (lost < 0) continue;
    const message = `parameter ${lost + 1} of '${name}' is a pointer to a function, and must be declared as one: ${prototypeToC(name, known)}`;
    throw diagnostics.typeError(at, message);
  }
}

function declareData(context: CheckContext, { name, module, at }: Declaration, type: CType): boolean {
  const { address } = context.diagnostics.located(at, () => onlyDataSymbol(name, module, context.names));
  return context.scope.declare(name, { kind: 'extern', type, symbol: name, module, address });
}

function declareFunction(context: CheckContext, declaration: Declaration, type: FunctionType): boolean {
  const { name, module, at } = declaration;
  if (isAwaited(context, declaration))
    return context.scope.declare(name, { kind: 'awaited', name, module: moduleOf(module)!, type });
  const symbol = context.diagnostics.located(at, () => {
    const found = onlyTextSymbol(name, module, context.names);
    if (!found && module !== undefined) throw notInModule(name, module, 'function');
    if (!found) throw unknownName(name, 'function', context.names);
    refuseInitText(found, context.names);
    return found;
  });
  keepFunctionPointers(context, declaration, { type, module: symbol.module });
  const callee = { name, module: symbol.module, address: symbol.address, type };
  context.declareFunction(callee);
  return context.scope.declare(name, { kind: 'function', callee });
}

/**
 * Whether the declaration is of a function whose module is not loaded. It has no address yet, so that nothing
 * but a deny can use it.
 */
function isAwaited({ names, diagnostics }: CheckContext, { name, module, at }: Declaration): boolean {
  const holder = moduleOf(module);
  if (holder === undefined || names.isLoaded(holder, name)) return false;
  return diagnostics.located(at, () => onlyTextSymbol(name, module, names)) === undefined;
}
