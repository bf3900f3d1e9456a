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
} from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import { compatible, convertTo, isNullPointer, scalarLayout } from '../conversions/index.ts';
import { lvalueOfVariable, type TypedExpression } from '../tree/index.ts';
import { checkArithmetic } from './arithmetic.ts';

/** A conditional expression with its checked operands. */
export interface ConditionalInput {
  /** A scalar. */
  readonly condition: TypedExpression;
  /** Undefined in GNU's `a ?: b`. */
  readonly then: TypedExpression | undefined;
  readonly otherwise: TypedExpression;
  readonly at: Offset;
}

/** `c ? a : b` (C11 6.5.15), and GNU's `a ?: b`. */
export function checkConditional(context: CheckContext, input: ConditionalInput): TypedExpression {
  const { otherwise, at } = input;
  const [condition, then] = input.then
    ? [input.condition, input.then]
    : evaluatedOnce(context, input.condition);
  const type = commonBranchType(context, then, otherwise, at);
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
  context: CheckContext,
  value: TypedExpression,
): readonly [condition: TypedExpression, then: TypedExpression] {
  if (value.kind === 'constant') return [value, value];
  const { type, at } = value;
  const variable = context.newVariable('a value', type, at);
  const lvalue = lvalueOfVariable(variable, at);
  return [
    { kind: 'assign', type, lvalue, value, at },
    { kind: 'read', type, lvalue, at },
  ];
}

function commonBranchType(
  context: CheckContext,
  then: TypedExpression,
  otherwise: TypedExpression,
  at: Offset,
): CType {
  if (isInteger(then.type) && isInteger(otherwise.type)) {
    return checkArithmetic(context, { operator: '+', left: then, right: otherwise, at }).type;
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
  throw context.diagnostics.typeError(
    at,
    `the branches of ?: have the types ${typeToC(then.type)} and ${typeToC(otherwise.type)}; cast one`,
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
