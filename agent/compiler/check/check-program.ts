import { bare, isInteger, typeToC } from '../ctype/index.ts';
import type { Expression } from '../program/index.ts';
import { Checker } from './checker.ts';
import type { KernelNames } from './kernel-names.ts';
import type { Callee, TypedExpression } from './typed-tree.ts';

/** A call program with every type known. */
export interface CheckedProgram {
  /** Its value is the result of the program. */
  readonly result: TypedExpression;
  /** The functions that it calls, each once. */
  readonly callees: readonly Callee[];
}

/** Checks a parsed program against one kernel. Throws PROGRAM_TYPE, PROGRAM_UNSUPPORTED or SYMBOL_* with the place. */
export function checkProgram(text: string, expression: Expression, names: KernelNames): CheckedProgram {
  const checker = new Checker(text, names);
  const result = checker.check(expression);
  const { kind } = bare(result.type);
  if (kind !== 'void' && kind !== 'pointer' && !isInteger(result.type)) {
    throw checker.error(
      'PROGRAM_UNSUPPORTED',
      result.at,
      `a result of type ${typeToC(result.type)} cannot be returned yet`,
    );
  }
  return { result, callees: checker.callees };
}
