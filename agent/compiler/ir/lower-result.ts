import { isLvalue, type MarshalledValue, type TypedExpression } from '../check/index.ts';
import { sizeOf } from '../ctype/index.ts';
import { END, type LocalOffset } from './blocks/index.ts';
import { lowerRecord, lowerValue } from './lower-expression.ts';
import { readBlock, resolveLvalue } from './lower-lvalue.ts';
import type { Lowering } from './lowering.ts';
import { marshalledBytes, STRING_BYTES, STRING_LENGTH_OFFSET } from './marshalled-layout.ts';
import { lowerSharedRow } from './watch-sharing.ts';

/** Ends the program with a value. */
export function lowerReturn(
  lowering: Lowering,
  value: MarshalledValue | undefined,
  sourceOffset: number,
): void {
  const { builder } = lowering;
  if (value?.form === 'scalar' && !isLvalue(value.source)) {
    builder.emit({ op: 'result', offset: 0, from: lowerValue(lowering, value.source) });
  } else if (value) {
    const from = lowering.allocate(marshalledBytes(value));
    lowerMarshalled(lowering, value, from);
    builder.emit({ op: 'result-block', from, bytes: marshalledBytes(value) });
  }
  builder.terminate({ op: 'end', end: END.RETURNED, sourceOffset });
}

/** Appends a row: its values one after the other, each from a multiple of 8. */
export function lowerReport(
  lowering: Lowering,
  { reportIndex, values }: Extract<TypedExpression, { kind: 'report' }>,
): void {
  const bytes = values.reduce((sum, value) => sum + marshalledBytes(value), 0);
  const from = lowering.allocate(bytes);
  let at = from;
  for (const value of values) {
    lowerMarshalled(lowering, value, at);
    at += marshalledBytes(value);
  }
  if (lowering.watch) return lowerSharedRow(lowering, { reportIndex, from, bytes });
  lowering.builder.emit({ op: 'row', reportIndex, from, bytes });
}

function lowerMarshalled(lowering: Lowering, { type, form, source }: MarshalledValue, to: LocalOffset): void {
  const { builder } = lowering;
  if (isLvalue(source)) return readBlock(lowering, resolveLvalue(lowering, source), to);
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
