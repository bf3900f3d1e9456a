import { bare, type CType, isConst, sizeOf, typeToC } from '../../ctype/index.ts';
import type { CheckContext } from '../context/index.ts';
import { scalarLayout } from '../conversions/index.ts';
import { isLvalue, type MarshalledValue, type Operand, type TypedExpression } from '../tree/index.ts';
import { readValue } from './read-value.ts';

/** How a value is brought to user space. Arrays do not decay here: the reader wants what is in them. */
export function marshal(context: CheckContext, operand: Operand): MarshalledValue {
  const plain = bare(operand.type);
  if (isLvalue(operand) && plain.kind === 'array' && sizeOf(operand.type))
    return { type: operand.type, form: 'bytes', source: operand, fromCall: false };
  const source = readValue(context, operand);
  const { type } = source;
  if (isCharPointer(type)) return { type, form: 'string', source, fromCall: false };
  if (scalarLayout(type)) return { type, form: 'scalar', source, fromCall: isFromCall(source) };
  if (sizeOf(type) === undefined)
    throw context.diagnostics.typeError(source.at, `a value of type ${typeToC(type)} cannot be reported`);
  return { type, form: 'bytes', source, fromCall: false };
}

/**
 * `char *`; and `const unsigned char *`, as which the kernel has names of files (struct qstr,
 * include/linux/dcache.h, v6.12). Not under a typedef: bytes that are no text are `u8 *`.
 */
function isCharPointer(type: CType): boolean {
  const plain = bare(type);
  if (plain.kind !== 'pointer') return false;
  const to = bare(plain.to);
  if (to.kind !== 'int') return false;
  return to.name === 'char' || (to.name === 'unsigned char' && isConst(plain.to) && !isTypedef(plain.to));
}

function isTypedef(type: CType): boolean {
  return type.kind === 'qualified' ? isTypedef(type.of) : type.kind === 'typedef';
}

function isFromCall(expression: TypedExpression): boolean {
  switch (expression.kind) {
    case 'call':
      return true;
    case 'convert':
      return isFromCall(expression.operand);
    case 'sequence':
      return isFromCall(expression.second);
    case 'conditional':
      return isFromCall(expression.then) || isFromCall(expression.otherwise);
    default:
      return false;
  }
}
