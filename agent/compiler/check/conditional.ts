import {
  BASIC,
  bare,
  type CType,
  constOf,
  isConst,
  isInteger,
  isVolatile,
  pointerTo,
  typeToC,
  volatileOf,
} from '../ctype/index.ts';
import type { Expression, Offset } from '../program/index.ts';
import { checkArithmetic } from './arithmetic.ts';
import type { Checker } from './checker.ts';
import { compatible, convertTo, isNullPointer } from './convert.ts';
import { scalarLayout } from './scalar.ts';
import type { Lvalue, TypedExpression } from './typed-tree.ts';

type Conditional = Extract<Expression, { kind: 'conditional' }>;

/** `c ? a : b` (C11 6.5.15), and GNU's `a ?: b`. */
export function checkConditional(checker: Checker, expression: Conditional): TypedExpression {
  const { at } = expression;
  const given = checker.scalar(checker.check(expression.condition), 'the condition of ?:');
  const [condition, then] = expression.then
    ? [given, checker.check(expression.then)]
    : evaluatedOnce(checker, given);
  const otherwise = checker.check(expression.otherwise);
  const type = commonBranchType(checker, then, otherwise, at);
  const converted = (branch: TypedExpression): TypedExpression =>
    scalarLayout(type) || type.kind === 'void' ? convertTo(type, branch) : branch;
  const branches = { then: converted(then), otherwise: converted(otherwise) };
  const known = [condition, branches.then, branches.otherwise].every(({ kind }) => kind === 'constant');
  if (!known || condition.kind !== 'constant')
    return { kind: 'conditional', type, condition, ...branches, at };
  return { ...(condition.value === 0n ? branches.otherwise : branches.then), at };
}

/** The value as a condition, and again where it is chosen. */
function evaluatedOnce(
  checker: Checker,
  value: TypedExpression,
): readonly [condition: TypedExpression, then: TypedExpression] {
  if (value.kind === 'constant') return [value, value];
  const { type, at } = value;
  const variable = checker.variable('a value', type, at);
  const lvalue: Lvalue = { kind: 'local', type, variable, offset: 0, bits: undefined, start: undefined, at };
  return [
    { kind: 'assign', type, lvalue, value, at },
    { kind: 'read', type, lvalue, at },
  ];
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
  const [one, other] = [bare(then.type), bare(otherwise.type)];
  if (one.kind === 'void' && other.kind === 'void') return BASIC.void;
  if (other.kind === 'pointer' && isNullPointer(then)) return otherwise.type;
  if (one.kind === 'pointer' && isNullPointer(otherwise)) return then.type;
  if (one.kind === 'pointer' && other.kind === 'pointer') {
    const common = commonPointee(one.to, other.to);
    if (common) return pointerTo(common);
  } else if (one.kind !== 'pointer' && compatible(one, other)) {
    return then.type;
  }
  throw checker.error(
    'PROGRAM_TYPE',
    at,
    `the branches of ?: are ${typeToC(then.type)} and ${typeToC(otherwise.type)}; cast one`,
  );
}

/** The qualifiers of both; void where one of the two is (C11 6.5.15, 6). */
function commonPointee(one: CType, other: CType): CType | undefined {
  const isVoid = bare(one).kind === 'void' || bare(other).kind === 'void';
  if (!isVoid && !compatible(one, other)) return undefined;
  let type: CType = isVoid ? BASIC.void : one;
  if (isConst(one) || isConst(other)) type = constOf(type);
  return isVolatile(one) || isVolatile(other) ? volatileOf(type) : type;
}
