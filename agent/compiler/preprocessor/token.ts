import type { Offset } from './source.ts';

/** Punctuators of C11 6.4.6 that call programs use, longest first within each first character. */
export const PUNCTUATORS = [
  '...',
  '..',
  '<<=',
  '>>=',
  '->',
  '++',
  '--',
  '<<',
  '>>',
  '<=',
  '>=',
  '==',
  '!=',
  '&&',
  '||',
  '*=',
  '/=',
  '%=',
  '+=',
  '-=',
  '&=',
  '^=',
  '|=',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  '.',
  '&',
  '*',
  '+',
  '-',
  '~',
  '!',
  '/',
  '%',
  '<',
  '>',
  '^',
  '|',
  '?',
  ':',
  ';',
  '=',
  ',',
  '@',
] as const;

/** One of {@link PUNCTUATORS}. */
export type Punctuator = (typeof PUNCTUATORS)[number];

/** A token of a call program, with the offset at which it starts. */
export type Token =
  | { readonly kind: 'identifier'; readonly name: string; readonly at: Offset }
  | {
      readonly kind: 'integer';
      readonly value: bigint;
      readonly decimal: boolean;
      readonly suffix: IntegerSuffix;
      readonly at: Offset;
    }
  /** The byte of the character; whether that is a negative number is the kernel's affair. */
  | { readonly kind: 'character'; readonly value: number; readonly at: Offset }
  | { readonly kind: 'string'; readonly bytes: Uint8Array; readonly at: Offset }
  | { readonly kind: 'punctuator'; readonly text: Punctuator; readonly at: Offset }
  | { readonly kind: 'end'; readonly at: Offset };

/** What stands behind an integer literal: `u`, and none, one or two `l`. */
export interface IntegerSuffix {
  readonly unsigned: boolean;
  readonly longs: 0 | 1 | 2;
}
