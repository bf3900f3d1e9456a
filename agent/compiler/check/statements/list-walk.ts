import { BASIC, bare, type CType, pointerTo } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Expression, Statement } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { convertTo } from '../conversions/index.ts';
import { checkOperand, checkValue, offsetOfPath } from '../expressions/index.ts';
import { checkArithmetic, dereference, memberOf, readValue } from '../operators/index.ts';
import {
  isLvalue,
  type Lvalue,
  longConstant,
  lvalueOfVariable,
  type TypedExpression,
  type TypedStatement,
} from '../tree/index.ts';

/** The parts of a loop over a list. */
export interface ListWalk {
  readonly start: readonly TypedStatement[];
  readonly condition: TypedExpression;
  readonly step: TypedExpression;
}

/**
 * `list_for_each_entry(pos, head, member)` as include/linux/list.h (v6.12) has it: from `head->next` on,
 * until the member is the head again. The head is evaluated once.
 */
export function listWalk(
  context: CheckContext,
  { path, at, ...statement }: Extract<Statement, { kind: 'list-for-each-entry' }>,
): ListWalk {
  const { position, record } = checkPosition(context, statement.position);
  const head = checkValue(context, statement.head);
  const kept = context.newVariable('the head of the list', head.type, at);
  const offset = offsetOfPath(context, record, path);
  const memberOfPosition = shifted(context, readValue(context, position), BigInt(offset), at);
  const node = convertTo(head.type, memberOfPosition);
  const stepFrom = (from: TypedExpression): TypedExpression => {
    const next = readValue(context, memberOf(context, dereference(context, from, at), 'next', at));
    const value = convertTo(position.type, shifted(context, next, -BigInt(offset), at));
    return { kind: 'assign', type: position.type, lvalue: position, value, at };
  };
  const keptHead = lvalueOfVariable(kept, at);
  const readHead = readValue(context, keptHead);
  const start: TypedStatement = {
    kind: 'initialise',
    start: { variable: kept, zero: false, items: [{ lvalue: keptHead, value: head }] },
  };
  return {
    start: [start, { kind: 'expression', expression: stepFrom(readHead) }],
    condition: checkArithmetic(context, { operator: '!=', left: node, right: readHead, at }),
    step: stepFrom(node),
  };
}

function checkPosition(
  context: CheckContext,
  expression: Expression,
): { readonly position: Lvalue; readonly record: CType } {
  const position = checkOperand(context, expression);
  const plain = bare(position.type);
  if (isLvalue(position) && position.kind === 'local' && plain.kind === 'pointer')
    return { position, record: plain.to };
  const message = 'the first argument of list_for_each_entry must be a variable that points to a structure';
  throw context.diagnostics.typeError(expression.at, message);
}

function shifted(
  context: CheckContext,
  pointer: TypedExpression,
  bytes: bigint,
  at: Offset,
): TypedExpression {
  const left = convertTo(pointerTo(BASIC.uchar), pointer);
  return checkArithmetic(context, { operator: '+', left, right: longConstant(bytes, at), at });
}
