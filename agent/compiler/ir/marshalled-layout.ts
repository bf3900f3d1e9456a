import type { MarshalledValue, ProgramResults } from '../check/index.ts';
import { sizeOf } from '../ctype/index.ts';

/** Most bytes of a string that come back with a `char *`, its NUL included. */
export const STRING_BYTES = 256;

/** Offsets in a carried string: the pointer, the length or error (s64), the text. */
export const STRING_LENGTH_OFFSET = 8;
/** See {@link STRING_LENGTH_OFFSET}. */
export const STRING_TEXT_OFFSET = 16;

/** Bytes that a value takes in the result area: a multiple of 8. */
export function marshalledBytes({ form, type }: MarshalledValue): number {
  switch (form) {
    case 'scalar':
      return 8;
    case 'bytes':
      return roundUp(sizeOf(type) ?? 0, 8);
    case 'string':
      return STRING_TEXT_OFFSET + STRING_BYTES;
  }
}

/** Bytes for the value of a program, whichever it ends with. */
export function resultsBytes(results: ProgramResults): number {
  return Math.max(0, ...[...results.values()].map(marshalledBytes));
}

/** `value` up to a multiple of `alignment`. */
export function roundUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
