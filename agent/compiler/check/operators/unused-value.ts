import type { CheckContext } from '../context/index.ts';
import type { TypedExpression } from '../tree/index.ts';

/** Warns of an expression that does nothing but compute a value that is not used (gcc -Wunused-value). */
export function warnOfUnusedValue(context: CheckContext, expression: TypedExpression): void {
  const idle = idlePart(expression);
  if (idle) context.diagnostics.warn(idle.at, 'this value is computed but not used');
}

/**
 * The part of an expression that only gives a value; undefined where it does something, or is said to be
 * void.
 */
function idlePart(expression: TypedExpression): TypedExpression | undefined {
  switch (expression.kind) {
    case 'convert':
      return expression.type.kind === 'void' ? undefined : idlePart(expression.operand) && expression;
    case 'negate':
    case 'complement':
    case 'not':
    case 'arithmetic':
    case 'read':
    case 'reference':
    case 'string':
    case 'parameter':
    case 'address':
      return expression;
    case 'constant':
      return expression.type.kind === 'void' ? undefined : expression;
    case 'sequence':
      return idlePart(expression.second);
    case 'logical':
      return idlePart(expression.right);
    case 'conditional':
      return idlePart(expression.then) && idlePart(expression.otherwise);
    default:
      return undefined;
  }
}
