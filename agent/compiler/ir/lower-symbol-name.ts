import type { TypedExpression } from '../check/index.ts';
import type { Temp } from './blocks/index.ts';
import { lowerValue } from './lower-expression.ts';
import type { Lowering } from './lowering.ts';

/**
 * `symbol_name(address)`: the address of the text. A module has the kernel write it, an interpreter has the
 * names.
 */
export function lowerSymbolName(
  lowering: Lowering,
  { address, room, printer }: Extract<TypedExpression, { kind: 'symbol-name' }>,
): Temp {
  const { builder } = lowering;
  const value = lowerValue(lowering, address);
  const to = lowering.offsetOf(room);
  const text = builder.local(to);
  if (lowering.target === 'interpreter')
    builder.emit({ op: 'symbol-name', to, address: value, bytes: room.sizeBytes });
  else lowering.call(printer, [text, value]);
  return text;
}
