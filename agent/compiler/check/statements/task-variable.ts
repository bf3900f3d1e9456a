import { bare, type CType, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import { type Lvalue, lvalueOfVariable } from '../tree/index.ts';

/** The variable of that name where there is one, as in the kernel; a new one otherwise. */
export function taskVariable(context: CheckContext, name: string, type: CType, at: Offset): Lvalue {
  const binding = context.scope.find(name);
  if (binding?.kind === 'variable') {
    const { variable } = binding;
    if (typeToC(bare(variable.type)) !== typeToC(type))
      throw context.diagnostics.typeError(at, `'${name}' is ${typeToC(variable.type)}, not ${typeToC(type)}`);
    return lvalueOfVariable(variable, at);
  }
  const variable = context.newVariable(name, type, at);
  context.scope.declare(name, { kind: 'variable', variable });
  return lvalueOfVariable(variable, at);
}
