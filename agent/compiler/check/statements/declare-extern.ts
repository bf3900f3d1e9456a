import { bare, type CType, type FunctionType } from '../../ctype/index.ts';
import type { Declaration } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { typeOfName } from '../expressions/index.ts';
import { notInModule, onlyDataSymbol, onlyTextSymbol, refuseInitText, unknownName } from '../names/index.ts';

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

function declareData(context: CheckContext, { name, module, at }: Declaration, type: CType): boolean {
  const { address } = context.diagnostics.located(at, () => onlyDataSymbol(name, module, context.names));
  return context.scope.declare(name, { kind: 'extern', type, symbol: name, address });
}

function declareFunction(
  context: CheckContext,
  { name, module, at }: Declaration,
  type: FunctionType,
): boolean {
  const symbol = context.diagnostics.located(at, () => {
    const found = onlyTextSymbol(name, module, context.names);
    if (!found && module !== undefined) throw notInModule(name, module, 'function');
    if (!found) throw unknownName(name, 'function', context.names);
    refuseInitText(found, context.names);
    return found;
  });
  const callee = { name, module: symbol.module, address: symbol.address, type };
  context.declareFunction(callee);
  return context.scope.declare(name, { kind: 'function', callee });
}
