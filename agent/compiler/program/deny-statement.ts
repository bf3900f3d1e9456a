import type { Offset } from '../preprocessor/index.ts';
import type { Expression, WatchStatement } from './ast.ts';

/** `deny (function, value, names) for_days (number) while (condition);` */
export interface DenyStatement {
  readonly kind: 'deny';
  readonly denied: WatchStatement['watched'];
  /** What the function returns instead. */
  readonly value: Expression;
  /** Names for the first parameters of the function, in the condition. */
  readonly params: readonly { readonly name: string; readonly at: Offset }[];
  readonly unit: LifeUnit;
  readonly count: Expression;
  readonly condition: Expression | undefined;
  /** Where the texts of the value and of the condition begin and end. */
  readonly valueText: readonly [start: Offset, end: Offset];
  readonly conditionText: readonly [start: Offset, end: Offset];
  readonly at: Offset;
}

/** The clause that says how long a deny lives. */
export type LifeUnit = 'for_seconds' | 'for_minutes' | 'for_hours' | 'for_days';
