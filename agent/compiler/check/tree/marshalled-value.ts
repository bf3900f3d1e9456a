import type { CType } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Lvalue, TypedExpression } from './typed-tree.ts';

/** A value that is brought to user space: the result of a program, or a part of a row. */
export interface MarshalledValue {
  readonly type: CType;
  /** `string`: a pointer, and the text behind it. */
  readonly form: 'scalar' | 'bytes' | 'string';
  readonly source: TypedExpression | Lvalue;
  /** Whether it is what a kernel function returned, unchanged but for its type. */
  readonly fromCall: boolean;
  /** The name of its column, in a row. */
  readonly column?: string;
}

/** The values that a program may end with, by where its `return`, or its last expression, stands. */
export type ProgramResults = ReadonlyMap<Offset, MarshalledValue>;
