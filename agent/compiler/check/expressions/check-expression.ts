import { BASIC, bare, type CType, pointerTo } from '../../ctype/index.ts';
import type { Expression } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import {
  characterLiteral,
  checkAddressOf,
  checkAlignof,
  checkArithmetic,
  checkAssign,
  checkCast,
  checkConditional,
  checkIdentifier,
  checkLogical,
  checkSizeof,
  checkStep,
  checkUnary,
  integerLiteral,
  modifiableLvalue,
  readValue,
  requireConstant,
  requireScalar,
  warnOfUnusedValue,
} from '../operators/index.ts';
import type { Operand, TypedExpression } from '../tree/index.ts';
import { checkCall } from './call.ts';
import { decidedByKernel } from './decided.ts';
import { checkChoose, checkGeneric, checkIsConstant, checkTypesCompatible } from './generic.ts';
import { compoundLiteral } from './initialise.ts';
import { checkContainerOf, checkIndex, checkMember, checkOffsetof } from './member-access.ts';
import { typeOfName } from './type-name.ts';

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/**
 * Gives an expression its type, by C11's rules and this kernel's names. The result is an lvalue where the
 * expression is one. What a C compiler would refuse is a PROGRAM_TYPE error with its location.
 *
 * A table: one case for each kind of expression.
 */
export function checkOperand(context: CheckContext, expression: Expression): Operand {
  switch (expression.kind) {
    case 'integer':
      return integerLiteral(context, expression);
    case 'character':
      return characterLiteral(context, expression);
    case 'string': {
      const { bytes, at } = expression;
      // An array of char, not of const char (C11 6.4.5, 6).
      return { kind: 'string', type: pointerTo(context.names.char), bytes, at };
    }
    case 'identifier':
      return checkIdentifier(context, expression);
    case 'unary':
      return checkUnaryExpression(context, expression);
    case 'binary':
      return checkBinary(context, expression);
    case 'conditional':
      return checkConditionalExpression(context, expression);
    case 'assign':
      return checkAssignment(context, expression);
    case 'step':
      return checkStepExpression(context, expression);
    case 'member':
      return checkMember(context, expression);
    case 'index':
      return checkIndex(context, expression);
    case 'cast': {
      const type = typeOfName(context, expression.to);
      return checkCast(context, type, checkValue(context, expression.operand), expression.at);
    }
    case 'compound':
      return compoundLiteral(context, expression);
    case 'sizeof-type':
      return checkSizeof(context, typeOfName(context, expression.type), expression.at);
    case 'sizeof':
      return checkSizeof(context, typeOfOperand(context, expression.operand), expression.at);
    case 'alignof-type':
      return checkAlignof(context, typeOfName(context, expression.type), expression.at);
    case 'alignof':
      return checkAlignof(context, typeOfOperand(context, expression.operand), expression.at);
    case 'statements':
      return context.checkStatements(expression);
    case 'presence': {
      const { at } = expression;
      return { kind: 'constant', type: BASIC.int, value: context.ask(expression), at };
    }
    case 'choose':
      return checkChoose(context, expression);
    case 'generic':
      return checkGeneric(context, expression);
    case 'types-compatible':
      return checkTypesCompatible(context, expression);
    case 'is-constant':
      return checkIsConstant(context, expression);
    case 'offsetof':
      return checkOffsetof(context, expression);
    case 'container-of':
      return checkContainerOf(context, expression);
    case 'call':
      return checkCall(context, expression);
  }
}

/** The value of `expression`: an lvalue is read, arrays and functions decay (C11 6.3.2.1). */
export function checkValue(context: CheckContext, expression: Expression): TypedExpression {
  return readValue(context, checkOperand(context, expression));
}

/**
 * The type of an expression that is not evaluated: the operand of sizeof or typeof. Arrays do not decay
 * there.
 */
export function typeOfOperand(context: CheckContext, expression: Expression): CType {
  if (expression.kind === 'string')
    return { kind: 'array', of: context.names.char, count: expression.bytes.length + 1 };
  const operand = context.quietly(() => checkOperand(context, expression));
  if (operand.kind !== 'address' || expression.kind !== 'identifier') return operand.type;
  const plain = bare(operand.type);
  return plain.kind === 'pointer' ? plain.to : operand.type;
}

/**
 * The value of an integer constant expression (C11 6.6). Throws PROGRAM_TYPE if it is none; `what` names it.
 */
export function constantOf(context: CheckContext, expression: Expression, what: string): bigint {
  return requireConstant(context, checkValue(context, expression), what, expression.at);
}

function checkUnaryExpression(context: CheckContext, { operator, operand, at }: Of<'unary'>): Operand {
  if (operator !== '&') return checkUnary(context, { operator, value: checkValue(context, operand), at });
  const checked =
    operand.kind === 'identifier' ? checkIdentifier(context, operand, true) : checkOperand(context, operand);
  return checkAddressOf(context, checked, at);
}

function checkBinary(context: CheckContext, expression: Of<'binary'>): TypedExpression {
  const { operator, at } = expression;
  if (operator === '&&' || operator === '||') {
    const decided = decidedByKernel(context, expression.left);
    if (decided !== undefined && (decided === 0n) === (operator === '&&'))
      return { kind: 'constant', type: BASIC.int, value: operator === '&&' ? 0n : 1n, at };
  }
  const left = checkValue(context, expression.left);
  if (operator === ',') warnOfUnusedValue(context, left);
  const right = checkValue(context, expression.right);
  if (operator === ',') return { kind: 'sequence', type: right.type, first: left, second: right, at };
  if (operator !== '&&' && operator !== '||') return checkArithmetic(context, { operator, left, right, at });
  return checkLogical(context, { operator, left, right, at });
}

function checkConditionalExpression(context: CheckContext, expression: Of<'conditional'>): TypedExpression {
  const decided = expression.then && decidedByKernel(context, expression.condition);
  if (decided !== undefined)
    return checkValue(context, decided === 0n ? expression.otherwise : expression.then!);
  const given = checkValue(context, expression.condition);
  return checkConditional(context, {
    condition: requireScalar(context, given, 'the condition of ?:'),
    then: expression.then && checkValue(context, expression.then),
    otherwise: checkValue(context, expression.otherwise),
    at: expression.at,
  });
}

function checkAssignment(context: CheckContext, expression: Of<'assign'>): TypedExpression {
  const { operator, at } = expression;
  const lvalue = modifiableLvalue(context, checkOperand(context, expression.left), at);
  return checkAssign(context, { operator, lvalue, right: checkValue(context, expression.right), at });
}

function checkStepExpression(
  context: CheckContext,
  { operator, yields, operand, at }: Of<'step'>,
): TypedExpression {
  const lvalue = modifiableLvalue(context, checkOperand(context, operand), at);
  return checkStep(context, { operator, yields, lvalue, at });
}
