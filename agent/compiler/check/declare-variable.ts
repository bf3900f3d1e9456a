import { type CType, typeToC } from '../ctype/index.ts';
import type { Declaration, Offset } from '../program/index.ts';
import type { Checker } from './checker.ts';
import { declareExtern } from './declare-extern.ts';
import { completed, initialise } from './initialise.ts';
import type { Initialisation, TypedExpression, TypedStatement, Variable } from './typed-tree.ts';

/** What one declared name makes the program do: set a variable to its first value, or nothing. */
export function declareName(checker: Checker, declaration: Declaration): TypedStatement[] {
  switch (declaration.storage) {
    case 'extern':
      declareExtern(checker, declaration);
      return [];
    case 'typedef':
      declareType(checker, declaration);
      return [];
    case 'static':
      declareStatic(checker, declaration);
      return [];
    default: {
      const { variable, start } = declareVariable(checker, declaration);
      return [{ kind: 'initialise', start: start ?? { variable, zero: true, items: [] } }];
    }
  }
}

function declareVariable(
  checker: Checker,
  declaration: Declaration,
): { readonly variable: Variable; readonly start: Initialisation | undefined } {
  const { name, initializer, at } = declaration;
  const type = completed(checker, variableType(checker, declaration), initializer);
  const variable = checker.variable(name, type, at);
  // C11 6.2.1, 7: the name is known in its own initialiser; `auto` has used up its value by then.
  if (!checker.scope.declareVariable(name, variable, at)) throw declaredTwice(checker, name, at);
  return { variable, start: initializer && initialise(checker, variable, initializer) };
}

/** Memory starts as zeros; what else a static starts as is set once, before the program (C11 6.2.4, 3). */
function declareStatic(checker: Checker, declaration: Declaration): void {
  const { start } = declareVariable(checker, declaration);
  if (!start) return;
  for (const { value } of start.items) {
    if (value instanceof Uint8Array || isConstantInitialiser(value)) continue;
    throw checker.error('PROGRAM_TYPE', value.at, 'a static variable starts as a constant (C11 6.7.9, 4)');
  }
  checker.statics.push(start);
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

function declareType(checker: Checker, { name, type, initializer, at }: Declaration): void {
  if (initializer) throw checker.error('PROGRAM_TYPE', at, `'${name}' is a type: it has no value`);
  const meant = checker.typeName(type);
  const known = checker.scope.declare(name, { kind: 'type', type: meant })
    ? undefined
    : checker.scope.find(name);
  // C11 6.7, 3: the same typedef may stand twice.
  if (known && (known.kind !== 'type' || typeToC(known.type) !== typeToC(meant)))
    throw declaredTwice(checker, name, at);
}

function variableType(checker: Checker, { type, initializer, at }: Declaration): CType {
  if (type.base.kind !== 'auto') return checker.typeName(type);
  if (initializer?.kind !== 'value')
    throw checker.error('PROGRAM_TYPE', at, "'auto' takes its type from an initialiser without braces");
  return checker.typeName(
    type,
    checker.quietly(() => checker.check(initializer.value).type),
  );
}

function declaredTwice(checker: Checker, name: string, at: Offset): Error {
  return checker.error('PROGRAM_TYPE', at, `'${name}' is declared twice`);
}
