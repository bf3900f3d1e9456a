import { BASIC, bare, typeToC } from '../../ctype/index.ts';
import type { Expression } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { compatible } from '../conversions/index.ts';
import { isLvalue, type Operand, type TypedExpression } from '../tree/index.ts';
import { checkOperand, checkValue, constantOf } from './check-expression.ts';
import { typeOfName } from './type-name.ts';

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** `_Generic` (C11 6.5.1.1): the value whose type is that of the control, which is not evaluated. */
export function checkGeneric(context: CheckContext, { control, associations, at }: Of<'generic'>): Operand {
  const type = bare(context.quietly(() => checkValue(context, control).type));
  const fitting = associations.filter(
    each => each.type && compatible(bare(typeOfName(context, each.type)), type),
  );
  const chosen = fitting[0] ?? associations.find(each => !each.type);
  if (!chosen) throw context.diagnostics.typeError(at, `_Generic has nothing for ${typeToC(type)}`);
  if (fitting[1])
    throw context.diagnostics.typeError(fitting[1].at, `_Generic has two values for ${typeToC(type)}`);
  return checkOperand(context, chosen.value);
}

/** `__builtin_choose_expr`: what is not chosen is not checked. */
export function checkChoose(context: CheckContext, { condition, then, otherwise }: Of<'choose'>): Operand {
  const value = constantOf(context, condition, 'the condition of __builtin_choose_expr');
  return checkOperand(context, value === 0n ? otherwise : then);
}

/** `__builtin_types_compatible_p`: qualifiers outside do not count. */
export function checkTypesCompatible(
  context: CheckContext,
  { one, other, at }: Of<'types-compatible'>,
): TypedExpression {
  const same = compatible(bare(typeOfName(context, one)), bare(typeOfName(context, other)));
  return { kind: 'constant', type: BASIC.int, value: same ? 1n : 0n, at };
}

/** `__builtin_constant_p`: whether the operand, which is not evaluated, is a constant. */
export function checkIsConstant(context: CheckContext, { operand, at }: Of<'is-constant'>): TypedExpression {
  const checked = context.quietly(() => checkOperand(context, operand));
  const isConstant = !isLvalue(checked) && (checked.kind === 'constant' || checked.kind === 'string');
  return { kind: 'constant', type: BASIC.int, value: isConstant ? 1n : 0n, at };
}
