import type { Offset } from './source.ts';
import type { IntegerSuffix } from './token.ts';

/** Operators with two operands that compute a value from both. */
export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '<'
  | '>'
  | '<='
  | '>='
  | '=='
  | '!='
  | '&'
  | '^'
  | '|'
  | '&&'
  | '||'
  | ',';

/** Operators before one operand. */
export type UnaryOperator = '+' | '-' | '~' | '!' | '*' | '&';

/** What a type name starts with. */
export type TypeBase =
  | { readonly kind: 'basic'; readonly words: readonly string[] }
  | { readonly kind: 'tag'; readonly tag: 'struct' | 'union' | 'enum'; readonly name: string }
  | { readonly kind: 'typedef'; readonly name: string };

/** A type name, as in a cast: a base, then what is made of it, from the inside out. */
export interface TypeName {
  readonly base: TypeBase;
  readonly isConst: boolean;
  readonly pointers: number;
  readonly at: Offset;
}

/** An expression of a call program. `at` is where its operator, or what makes it this kind, stands. */
export type Expression =
  | {
      readonly kind: 'integer';
      readonly value: bigint;
      readonly decimal: boolean;
      readonly suffix: IntegerSuffix;
      readonly at: Offset;
    }
  | { readonly kind: 'character'; readonly value: number; readonly at: Offset }
  | { readonly kind: 'string'; readonly bytes: Uint8Array; readonly at: Offset }
  | {
      readonly kind: 'identifier';
      readonly name: string;
      readonly module: string | undefined;
      readonly at: Offset;
    }
  | {
      readonly kind: 'unary';
      readonly operator: UnaryOperator;
      readonly operand: Expression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
      readonly at: Offset;
    }
  | { readonly kind: 'cast'; readonly to: TypeName; readonly operand: Expression; readonly at: Offset }
  | { readonly kind: 'sizeof-type'; readonly type: TypeName; readonly at: Offset }
  | { readonly kind: 'sizeof'; readonly operand: Expression; readonly at: Offset }
  | {
      readonly kind: 'call';
      readonly callee: Expression;
      readonly args: readonly Expression[];
      readonly at: Offset;
    };
