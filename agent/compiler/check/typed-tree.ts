import type { CType, FunctionType } from '../ctype/index.ts';
import type { BinaryOperator, Offset } from '../program/index.ts';

/** A function of this kernel, found and safe to call by its prototype. */
export interface Callee {
  readonly name: string;
  /** The module that holds it; undefined for the kernel itself. */
  readonly module: string | undefined;
  readonly address: bigint;
  readonly type: FunctionType;
}

/** Operators that are left for lowering once the checker has made types explicit. */
export type ArithmeticOperator = Exclude<BinaryOperator, '&&' | '||' | ','>;

/**
 * An expression with its type, every implicit conversion written out. Operands of an arithmetic operator have the same
 * type, but for shifts (C11 6.5.7). Addresses are pointers: arrays and functions have decayed.
 */
export type TypedExpression =
  | { readonly kind: 'constant'; readonly type: CType; readonly value: bigint; readonly at: Offset }
  | { readonly kind: 'string'; readonly type: CType; readonly bytes: Uint8Array; readonly at: Offset }
  | {
      readonly kind: 'address';
      readonly type: CType;
      readonly symbol: string;
      readonly address: bigint;
      readonly at: Offset;
    }
  | { readonly kind: 'convert'; readonly type: CType; readonly operand: TypedExpression; readonly at: Offset }
  | {
      readonly kind: 'negate' | 'complement';
      readonly type: CType;
      readonly operand: TypedExpression;
      readonly at: Offset;
    }
  | { readonly kind: 'not'; readonly type: CType; readonly operand: TypedExpression; readonly at: Offset }
  | {
      readonly kind: 'arithmetic';
      readonly type: CType;
      readonly operator: ArithmeticOperator;
      readonly left: TypedExpression;
      readonly right: TypedExpression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'logical';
      readonly type: CType;
      readonly operator: '&&' | '||';
      readonly left: TypedExpression;
      readonly right: TypedExpression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'conditional';
      readonly type: CType;
      readonly condition: TypedExpression;
      readonly then: TypedExpression;
      readonly otherwise: TypedExpression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'sequence';
      readonly type: CType;
      readonly first: TypedExpression;
      readonly second: TypedExpression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'call';
      readonly type: CType;
      readonly callee: Callee;
      readonly args: readonly TypedExpression[];
      readonly at: Offset;
    };
