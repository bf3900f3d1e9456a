import { bare, type CType, type FunctionType } from '../ctype/index.ts';
import type { Declaration } from '../program/index.ts';
import type { Checker } from './checker.ts';
import { onlyDataSymbol } from './resolve-data.ts';
import { notInModule, onlyTextSymbol, refuseInitText, unknownName } from './resolve-function.ts';

/**
 * `extern struct uts_namespace init_uts_ns;` and `int f(int);`: the symbol table gives the address, the program the type.
 *
 * Threat: a wrong prototype calls a function with another convention than it has. The program is signed with the
 * declaration in it, so its approvers have seen it; names that are no plain text symbol are refused here as anywhere.
 */
export function declareExtern(checker: Checker, declaration: Declaration): void {
  const { name, module, initializer, at } = declaration;
  if (initializer) throw checker.error('PROGRAM_TYPE', at, `'${name}' is the kernel's own: it has its value`);
  const type = checker.typeName(declaration.type);
  const plain = bare(type);
  const declared =
    plain.kind === 'function'
      ? declareFunction(checker, declaration, plain)
      : declareData(checker, declaration, type);
  if (!declared)
    throw checker.error('PROGRAM_TYPE', at, `'${module ? `${name}@${module}` : name}' is declared twice`);
}

function declareData(checker: Checker, { name, module, at }: Declaration, type: CType): boolean {
  const { address } = checker.located(at, () => onlyDataSymbol(name, module, checker.names));
  return checker.scope.declare(name, { kind: 'extern', type, symbol: name, address });
}

function declareFunction(checker: Checker, { name, module, at }: Declaration, type: FunctionType): boolean {
  const symbol = checker.located(at, () => {
    const found = onlyTextSymbol(name, module, checker.names);
    if (!found && module !== undefined) throw notInModule(name, module, 'function');
    if (!found) throw unknownName(name, 'function', checker.names);
    refuseInitText(found, checker.names);
    return found;
  });
  const callee = { name, module: symbol.module, address: symbol.address, type };
  checker.declareFunction(callee);
  return checker.scope.declare(name, { kind: 'function', callee });
}
