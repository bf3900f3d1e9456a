import { FarcallError } from '../../../../shared/errors/index.ts';
import { bare, type FunctionType, typeToC } from '../../ctype/index.ts';
import { isReservedName, type Offset } from '../../preprocessor/index.ts';
import type { FunctionDefinition, TypeName } from '../../program/index.ts';
import { type CheckContext, type DeclaredFunction, refuseFunctionName } from '../context/index.ts';
import { typeOfName } from '../expressions/index.ts';

/** A prototype, or with a definition all of a function. */
export interface FunctionDeclaration {
  readonly name: string;
  readonly type: TypeName;
  readonly definition: FunctionDefinition | undefined;
  readonly at: Offset;
}

/**
 * Declares a function of the program's own.
 *
 * Threat: a function called `require` that does nothing would leave every condition on the page that an
 * approver reads, and none in the program that hosts run. So no function has a name of the language.
 */
export function declareOwnFunction(
  context: CheckContext,
  { name, type: typeName, definition, at }: FunctionDeclaration,
): void {
  const { diagnostics, scope } = context;
  if (isReservedName(name))
    throw diagnostics.typeError(at, `'${name}' belongs to the language, so no function can be called so`);
  refuseFunctionName(context, 'a function', name, at);
  const type = typeOrError(context, typeName, name, at);
  const known = declaredBefore(context, name);
  if (!known) {
    const declared: DeclaredFunction = { name, type, definition, position: 0 };
    if (!scope.declare(name, { kind: 'own-function', declared }))
      throw diagnostics.typeError(at, `'${name}' is declared twice`);
    declared.position = scope.position;
    return;
  }
  if (spelled(known.type) !== spelled(type))
    throw diagnostics.typeError(at, `'${name}' is declared with another type: ${spelled(known.type)}`);
  if (!definition) return;
  if (known.definition) throw diagnostics.typeError(at, `'${name}' is defined twice`);
  known.definition = definition;
  known.type = type;
  known.position = scope.position;
}

/** Without the names of parameters: a prototype may leave them out. */
function spelled(type: FunctionType | FarcallError): string {
  if (type instanceof FarcallError) return '';
  return typeToC({ ...type, params: type.params.map(param => ({ ...param, name: '' })) });
}

function declaredBefore({ scope }: CheckContext, name: string): DeclaredFunction | undefined {
  const binding = scope.find(name);
  return binding?.kind === 'own-function' ? binding.declared : undefined;
}

/** A function that nothing calls may have types that this kernel lacks. */
function typeOrError(context: CheckContext, typeName: TypeName, name: string, at: Offset) {
  try {
    return functionType(context, typeName, name, at);
  } catch (thrown) {
    if (thrown instanceof FarcallError && thrown.code === 'PROGRAM_TYPE') return thrown;
    throw thrown;
  }
}

function functionType(context: CheckContext, typeName: TypeName, name: string, at: Offset): FunctionType {
  const type = bare(typeOfName(context, typeName));
  if (type.kind !== 'function') throw context.diagnostics.typeError(at, `'${name}' is no function`);
  if (type.variadic)
    throw context.diagnostics.error(
      'PROGRAM_UNSUPPORTED',
      at,
      `'${name}' takes '...', which only macros of a program can (__VA_ARGS__)`,
    );
  return type;
}
