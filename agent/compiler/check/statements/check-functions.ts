import { bare } from '../../ctype/index.ts';
import type { Statement } from '../../program/index.ts';
import type { CheckContext, DeclaredFunction, ErrorRecovery } from '../context/index.ts';
import { canFallThrough, type OwnFunction } from '../tree/index.ts';
import { StatementChecker } from './check-statement.ts';
import type { CheckedLibrary } from './checked-library.ts';

/**
 * Checks the functions that are used, and those that they use. One after the other and not within each other:
 * a chain of them may be long. Throws PROGRAM_* where one is not defined, or calls itself.
 */
export function checkOwnFunctions(
  context: CheckContext,
  {
    recovery,
    library,
  }: { readonly recovery?: ErrorRecovery | undefined; readonly library: CheckedLibrary | undefined },
): void {
  const { functions, diagnostics } = context;
  for (let next = 0; next < functions.used.length; next++) {
    const { declared, own, at } = functions.used[next]!;
    const known = library?.body(declared);
    if (known) {
      context.take(known.effects, at);
      for (const callee of known.callees) functions.use(callee, at);
      continue;
    }
    if (!declared.definition)
      throw diagnostics.typeError(at, `the program declares '${declared.name}', but does not define it`);
    checkBody(context, declared, own, recovery);
  }
  const circle = functions.circle();
  if (circle)
    throw diagnostics.typeError(
      circle.at,
      `a function cannot come back to itself by its calls: ${circle.path.join(' -> ')}`,
    );
}

/** Checks the body of a function that is defined. Throws PROGRAM_*. */
export function checkBody(
  context: CheckContext,
  { definition, position }: DeclaredFunction,
  own: OwnFunction,
  recovery?: ErrorRecovery,
): void {
  const { name, type, at, body } = definition!;
  const derivation = type.derivations.at(-1)!;
  const params = derivation.kind === 'function' ? derivation.params : [];
  context.scope.withinFunction(position, () =>
    context.functions.within(own, () => {
      for (const [index, param] of params.entries())
        if (!context.scope.declare(param.name, { kind: 'variable', variable: own.params[index]! }))
          throw context.diagnostics.typeError(param.at, `two parameters are called '${param.name}'`);
      own.body = new StatementChecker(context, recovery, own).body(body);
    }),
  );
  // Where a statement has an error, it counts as an empty one.
  const isWhole = (recovery?.errors.length ?? 0) === 0;
  if (isWhole && bare(own.type.result).kind !== 'void' && canFallThrough(own.body))
    context.diagnostics.warn(at, `'${name}' may end here without a value`);
}

/** Warns of static functions that nothing calls. */
export function warnOfUnusedFunctions(context: CheckContext, statements: readonly Statement[]): void {
  for (const statement of statements) {
    if (statement.kind !== 'function' || !statement.isStatic) continue;
    const binding = context.scope.find(statement.name);
    if (binding?.kind !== 'own-function' || context.functions.isUsed(binding.declared)) continue;
    if (context.diagnostics.isInProgram(statement.at))
      context.diagnostics.warn(statement.at, `'${statement.name}' is never used`);
  }
}
