import { type Carried, isPlace, type TypedExpression } from '../check/index.ts';
import { sizeOf } from '../ctype/index.ts';
import { carriedBytes, STRING_BYTES, STRING_LENGTH_OFFSET } from './carried-layout.ts';
import { END, type LocalOffset } from './ir.ts';
import { lowerRecord, lowerValue } from './lower-expression.ts';
import { readBlock, resolvePlace } from './lower-place.ts';
import type { Lowering } from './lowering.ts';

/** Ends the program with a value. */
export function lowerReturn(lowering: Lowering, value: Carried | undefined, place: number): void {
  const { builder } = lowering;
  if (value?.form === 'scalar' && !isPlace(value.source)) {
    builder.emit({ op: 'result', offset: 0, from: lowerValue(lowering, value.source) });
  } else if (value) {
    const from = lowering.allocate(carriedBytes(value));
    lowerCarried(lowering, value, from);
    builder.emit({ op: 'result-block', from, bytes: carriedBytes(value) });
  }
  builder.terminate({ op: 'end', end: END.RETURNED, place });
}

/** Appends a row: its values one after the other, each from a multiple of 8. */
export function lowerReport(
  lowering: Lowering,
  { site, values }: Extract<TypedExpression, { kind: 'report' }>,
): void {
  const bytes = values.reduce((sum, value) => sum + carriedBytes(value), 0);
  const from = lowering.allocate(bytes);
  let at = from;
  for (const value of values) {
    lowerCarried(lowering, value, at);
    at += carriedBytes(value);
  }
  lowering.builder.emit({ op: 'row', site, from, bytes });
}

function lowerCarried(lowering: Lowering, { type, form, source }: Carried, to: LocalOffset): void {
  const { builder } = lowering;
  if (isPlace(source)) return readBlock(lowering, resolvePlace(lowering, source), to);
  switch (form) {
    case 'scalar':
      return builder.emit({ op: 'store', offset: to, from: lowerValue(lowering, source), bytes: 8 });
    case 'bytes': {
      const from = lowerRecord(lowering, source);
      const bytes = sizeOf(type) ?? 0;
      if (bytes > 0) builder.emit({ op: 'move', to, from, bytes });
      return;
    }
    case 'string': {
      const address = lowerValue(lowering, source);
      builder.emit({ op: 'store', offset: to, from: address, bytes: 8 });
      builder.emit({ op: 'read-string', to: to + STRING_LENGTH_OFFSET, address, bytes: STRING_BYTES });
    }
  }
}
