import type { CType } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { TypedExpression } from './typed-tree.ts';

/**
 * The value of a parameter. It is no constant: whatever must be known before a program runs cannot depend on
 * it, so that what was approved is the same for each value.
 */
export interface TypedParameter {
  readonly kind: 'parameter';
  readonly type: CType;
  readonly value: Extract<TypedExpression, { kind: 'constant' | 'string' }>;
  readonly at: Offset;
}
