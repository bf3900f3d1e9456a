import { BASIC, bare, type CType, pointerTo } from '../ctype/index.ts';
import type { Expression, Offset, Statement } from '../program/index.ts';
import { checkArithmetic } from './arithmetic.ts';
import { type Checker, isLvalue } from './checker.ts';
import { convertTo } from './convert.ts';
import { dereference, followPath, memberOf } from './lvalue.ts';
import type { Lvalue, TypedExpression, TypedStatement, Variable } from './typed-tree.ts';

/** The parts of a loop over a list. */
export interface ListWalk {
  readonly start: readonly TypedStatement[];
  readonly condition: TypedExpression;
  readonly step: TypedExpression;
}

/**
 * `list_for_each_entry(pos, head, member)` as include/linux/list.h (v6.12) has it: from `head->next` on, until the member
 * is the head again. The head is evaluated once.
 */
export function listWalk(
  checker: Checker,
  { path, at, ...statement }: Extract<Statement, { kind: 'list-for-each-entry' }>,
): ListWalk {
  const { position, record } = checkPosition(checker, statement.position);
  const head = checker.check(statement.head);
  const kept = checker.variable('the head of the list', head.type, at);
  const { offset } = followPath(checker, record, path);
  const memberOfPosition = shifted(checker, checker.value(position), BigInt(offset), at);
  const node = convertTo(head.type, memberOfPosition);
  const stepFrom = (from: TypedExpression): TypedExpression => {
    const next = checker.value(memberOf(checker, dereference(checker, from, at), 'next', at));
    const value = convertTo(position.type, shifted(checker, next, -BigInt(offset), at));
    return { kind: 'assign', type: position.type, lvalue: position, value, at };
  };
  const keptHead = lvalueOfVariable(kept, at);
  const readHead = checker.value(keptHead);
  const start: TypedStatement = {
    kind: 'initialise',
    start: { variable: kept, zero: false, items: [{ lvalue: keptHead, value: head }] },
  };
  return {
    start: [start, { kind: 'expression', expression: stepFrom(readHead) }],
    condition: checkArithmetic(checker, { operator: '!=', left: node, right: readHead, at }),
    step: stepFrom(node),
  };
}

function checkPosition(
  checker: Checker,
  expression: Expression,
): { readonly position: Lvalue; readonly record: CType } {
  const position = checker.operand(expression);
  const plain = bare(position.type);
  if (isLvalue(position) && position.kind === 'local' && plain.kind === 'pointer')
    return { position, record: plain.to };
  const message = 'list_for_each_entry sets a variable of the program that points to a structure';
  throw checker.error('PROGRAM_TYPE', expression.at, message);
}

function lvalueOfVariable(variable: Variable, at: Offset): Lvalue {
  const shared = { offset: 0, bits: undefined, start: undefined, at };
  return { kind: 'local', type: variable.type, variable, ...shared };
}

function shifted(checker: Checker, pointer: TypedExpression, bytes: bigint, at: Offset): TypedExpression {
  const left = convertTo(pointerTo(BASIC.uchar), pointer);
  return checkArithmetic(checker, { operator: '+', left, right: checker.number(bytes, at), at });
}
