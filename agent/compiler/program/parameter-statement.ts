import type { Offset } from '../preprocessor/index.ts';

/** `parameter int PID in 2..4194304 = 1;`: a value that the user of the program gives. */
export interface ParameterStatement {
  readonly kind: 'parameter';
  readonly name: string;
  readonly bounds: ParameterBounds;
  /** What it is where nobody gives a value, in the same form as values; undefined: a value must be given. */
  readonly preset: string | undefined;
  readonly at: Offset;
}

/** A name that a parameter may stand for. */
export interface ParameterName {
  readonly name: string;
  readonly at: Offset;
}

/** What a parameter may be. */
export type ParameterBounds =
  /** A whole number, both ends included. */
  | { readonly kind: 'int'; readonly least: bigint; readonly most: bigint }
  /** A text of so many bytes; `pattern` is a glob that it must match. */
  | {
      readonly kind: 'string';
      readonly least: bigint;
      readonly most: bigint;
      readonly pattern: string | undefined;
    }
  /** One of these: enumerators, or variables of the kernel, of which it is the address. */
  | { readonly kind: 'enum' | 'symbol'; readonly names: readonly ParameterName[] };
