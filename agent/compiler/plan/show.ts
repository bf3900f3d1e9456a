import type { SourceLocation } from '../../../shared/errors/index.ts';
import { typedValue } from '../../../shared/messages/index.ts';
import { type BitField, scalarLayout } from '../check/index.ts';
import { type CType, pointerTo, sizeOf, typeToC } from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import { OWN_ADDRESS } from '../interpreter/index.ts';
import type { IrProgram, Region } from '../ir/index.ts';
import { lineAt, locationOf, type SourceText } from '../preprocessor/index.ts';
import { marshalledToTyped, scalarToTyped } from '../result/index.ts';
import { UNKNOWN } from './plan.ts';

/** Longest line of a program that is shown, in characters. */
const SOURCE_LIMIT = 160;

/** Longest text of a value, in characters. */
const VALUE_LIMIT = 600;

/** The program, symbols and own memory that turn addresses and offsets into text. */
export interface ShowContext {
  readonly program: SourceText;
  readonly symbols: SymbolTable;
  readonly ir: IrProgram;
  readonly regions: readonly Region[];
}

/**
 * A scalar with its type: `(int)17`, `(struct timespec64 *)&ts`, `(const char *)"text"`; `?` where it is
 * unknown.
 */
export function showScalar(type: CType, raw: bigint | undefined, context: ShowContext): string {
  if (raw === undefined) return UNKNOWN;
  const own = raw - OWN_ADDRESS;
  if (own >= 0n && own < 1n << 32n) return `(${typeToC(type)})${localText(Number(own), context)}`;
  return cut(scalarToTyped({ type, raw, fromCall: false }, context.symbols).text);
}

/** Own memory has no address before the program is loaded; it has a name, or a text in it. */
function localText(offset: number, { ir, regions }: ShowContext): string {
  if (offset >= ir.localBytes) {
    const text = ir.data.subarray(offset - ir.localBytes);
    const end = text.indexOf(0);
    return typedValue({
      type: '',
      kind: 'string',
      string: Buffer.from(end < 0 ? text : text.subarray(0, end)).toString('latin1'),
    }).text.replace(/^\(\)/, '');
  }
  const region = regions.findLast(each => each.offset <= offset);
  const name = region?.name ?? 'a value';
  const distance = offset - (region?.offset ?? 0);
  return distance === 0 ? `&${name}` : `&${name} + ${distance} bytes`;
}

/** A structure, field by field; `?` where any of it is unknown. */
export function showBytes(type: CType, bytes: Uint8Array | undefined, { symbols }: ShowContext): string {
  return bytes
    ? cut(marshalledToTyped({ type, form: 'bytes', fromCall: false }, bytes, symbols).text)
    : UNKNOWN;
}

/** What is written to: `*(int *)0xffffffff82a3c0e0 /* panic_timeout *\/`. */
export function showTarget(type: CType, address: bigint | undefined, context: ShowContext): string {
  return `*${address === undefined ? `(${typeToC(pointerTo(type))})${UNKNOWN}` : showScalar(pointerTo(type), address, context)}`;
}

/** The value of an lvalue, from the memory unit that it is in: bits of it, a scalar or a structure. */
export function showStored(
  { type, bits }: { readonly type: CType; readonly bits: BitField | undefined },
  unit: Uint8Array | undefined,
  context: ShowContext,
): string {
  if (!unit) return UNKNOWN;
  if (!scalarLayout(type)) return showBytes(type, unit.subarray(0, sizeOf(type) ?? unit.length), context);
  let raw = 0n;
  for (let at = unit.length - 1; at >= 0; at--) raw = (raw << 8n) | BigInt(unit[at]!);
  if (!bits) return showScalar(type, raw, context);
  const field = (raw >> BigInt(bits.shift)) & ((1n << BigInt(bits.width)) - 1n);
  const isNegative = scalarLayout(type)!.signed && field >> BigInt(bits.width - 1) === 1n;
  return showScalar(type, isNegative ? field - (1n << BigInt(bits.width)) : field, context);
}

/** Where a step is in the program, with its line. */
export function showLocation(program: SourceText, at: number): SourceLocation & { readonly source: string } {
  const location = locationOf(program, at);
  const line = lineAt(program, at);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  const source = line.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, ' ').trim();
  return { ...location, source: source.slice(0, SOURCE_LIMIT) };
}

function cut(text: string): string {
  return text.length > VALUE_LIMIT ? `${text.slice(0, VALUE_LIMIT)}...` : text;
}
