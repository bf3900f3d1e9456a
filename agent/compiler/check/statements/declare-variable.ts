import { type CType, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Declaration, Statement } from '../../program/index.ts';
import { type CheckContext, refuseFunctionName } from '../context/index.ts';
import { checkValue, completed, declareRecord, initialise, typeOfName } from '../expressions/index.ts';
import type { Initialisation, TypedExpression, TypedStatement, Variable } from '../tree/index.ts';
import { declareExtern } from './declare-extern.ts';
import { declareOwnFunction } from './declare-function.ts';

/** A declaration: of names, or of a type alone. Throws PROGRAM_* where it declares nothing. */
export function checkDeclaration(
  context: CheckContext,
  { type, declarations, at }: Extract<Statement, { kind: 'declare' }>,
): TypedStatement {
  const { base } = type;
  if (base.kind === 'tag' && declarations.length === 0) declareRecord(context, base);
  else if (base.kind === 'record' || base.kind === 'enumeration') typeOfName(context, type);
  else if (declarations.length === 0)
    throw context.diagnostics.typeError(at, 'this declaration declares nothing');
  return { kind: 'block', statements: declarations.flatMap(each => declareName(context, each)) };
}

/** What one declared name makes the program do: set a variable to its first value, or nothing. */
function declareName(context: CheckContext, declaration: Declaration): TypedStatement[] {
  if (isOwnPrototype(context, declaration)) {
    declareOwnFunction(context, { ...declaration, definition: undefined });
    return [];
  }
  switch (declaration.storage) {
    case 'extern':
      declareExtern(context, declaration);
      return [];
    case 'typedef':
      declareType(context, declaration);
      return [];
    case 'static':
      declareStatic(context, declaration);
      return [];
    default: {
      const { variable, start } = declareVariable(context, declaration);
      return [{ kind: 'initialise', start: start ?? { variable, zero: true, items: [] } }];
    }
  }
}

/** A prototype of a function that the program defines; all others are the kernel's. */
function isOwnPrototype({ functions }: CheckContext, { name, type, storage, module }: Declaration): boolean {
  if (type.derivations.at(-1)?.kind !== 'function' || storage === 'typedef') return false;
  return storage === 'static' || (module === undefined && functions.names.has(name));
}

function declareVariable(
  context: CheckContext,
  declaration: Declaration,
): { readonly variable: Variable; readonly start: Initialisation | undefined } {
  const { name, initializer, at } = declaration;
  const type = completed(context, variableType(context, declaration), initializer);
  const variable = context.newVariable(name, type, at);
  // C11 6.2.1, 7: the name is known in its own initialiser; `auto` has used up its value by then.
  if (!context.scope.declareVariable(name, variable, at)) throw declaredTwice(context, name, at);
  return { variable, start: initializer && initialise(context, variable, initializer) };
}

/** Memory starts as zeros; what else a static starts as is set once, before the program (C11 6.2.4, 3). */
function declareStatic(context: CheckContext, declaration: Declaration): void {
  const { variable, start } = declareVariable(context, declaration);
  context.watchBodies.shared.add(variable);
  if (!start) return;
  for (const { value } of start.items) {
    if (value instanceof Uint8Array || isConstantInitialiser(value)) continue;
    throw context.diagnostics.typeError(
      value.at,
      'the initialiser of a static variable must be a constant (C11 6.7.9, 4)',
    );
  }
  context.statics.push(start);
}

/** An address constant too (C11 6.6, 9). */
function isConstantInitialiser(value: TypedExpression): boolean {
  switch (value.kind) {
    case 'constant':
    case 'string':
    case 'address':
      return true;
    case 'convert':
      return isConstantInitialiser(value.operand);
    case 'reference':
      return value.lvalue.kind === 'local'
        ? !value.lvalue.start
        : isConstantInitialiser(value.lvalue.address);
    default:
      return false;
  }
}

function declareType(context: CheckContext, { name, type, initializer, at }: Declaration): void {
  if (initializer)
    throw context.diagnostics.typeError(at, `'${name}' is a type, so it cannot have an initialiser`);
  refuseFunctionName(context, 'a type', name, at);
  const meant = typeOfName(context, type);
  const known = context.scope.declare(name, { kind: 'type', type: meant })
    ? undefined
    : context.scope.find(name);
  // C11 6.7, 3: the same typedef may stand twice.
  if (known && (known.kind !== 'type' || typeToC(known.type) !== typeToC(meant)))
    throw declaredTwice(context, name, at);
}

function variableType(context: CheckContext, { type, initializer, at }: Declaration): CType {
  if (type.base.kind !== 'auto') return typeOfName(context, type);
  if (initializer?.kind !== 'value')
    throw context.diagnostics.typeError(at, "'auto' takes its type from an initialiser without braces");
  return typeOfName(
    context,
    type,
    context.quietly(() => checkValue(context, initializer.value).type),
  );
}

function declaredTwice(context: CheckContext, name: string, at: Offset): Error {
  return context.diagnostics.typeError(at, `'${name}' is declared twice`);
}
