import { BASIC, bare, type CType, isInteger, typeToC } from '../ctype/index.ts';
import type { Expression, Offset } from '../program/index.ts';
import { checkArithmetic } from './arithmetic.ts';
import type { Checker } from './checker.ts';
import { convertAsByAssignment, convertTo } from './convert.ts';
import { scalarLayout } from './scalar.ts';
import type { TypedExpression } from './typed-tree.ts';

/** `c ? a : b` (C11 6.5.15). */
export function checkConditional(
  checker: Checker,
  expression: Extract<Expression, { kind: 'conditional' }>,
): TypedExpression {
  const { at } = expression;
  const condition = checker.scalar(checker.check(expression.condition), 'the condition of ?:');
  const then = checker.check(expression.then);
  const otherwise = checker.check(expression.otherwise);
  const type = commonBranchType(checker, then, otherwise, at);
  const converted = (branch: TypedExpression): TypedExpression =>
    scalarLayout(type) ? convertTo(type, branch) : branch;
  return {
    kind: 'conditional',
    type,
    condition,
    then: converted(then),
    otherwise: converted(otherwise),
    at,
  };
}

function commonBranchType(
  checker: Checker,
  then: TypedExpression,
  otherwise: TypedExpression,
  at: Offset,
): CType {
  if (isInteger(then.type) && isInteger(otherwise.type)) {
    return checkArithmetic(checker, { operator: '+', left: then, right: otherwise, at }).type;
  }
  if (bare(then.type).kind === 'void' && bare(otherwise.type).kind === 'void') return BASIC.void;
  if (typeof convertAsByAssignment(then.type, otherwise) !== 'string') return then.type;
  if (typeof convertAsByAssignment(otherwise.type, then) !== 'string') return otherwise.type;
  throw checker.error(
    'PROGRAM_TYPE',
    at,
    `the branches of ?: are ${typeToC(then.type)} and ${typeToC(otherwise.type)}`,
  );
}
