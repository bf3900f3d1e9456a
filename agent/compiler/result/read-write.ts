import type { MemoryWrite } from '../../../shared/messages/index.ts';
import { BASIC, type CType } from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import { WRITE_RECORD, type WriteSite } from '../ir/index.ts';
import { locationOf, type SourceText } from '../preprocessor/index.ts';
import { scalarToTyped } from './value-to-typed.ts';

/** What is known of the writes of a program when its records are read. */
export interface WritesInput {
  readonly writes: readonly WriteSite[];
  /** Bytes of the program's own memory, where writes are nobody's business. */
  readonly ownBytes: number;
  /** Whether it may have written what it does not record. */
  readonly hasUnrecorded: boolean;
  readonly program: SourceText;
  readonly symbols: SymbolTable;
}

/** The write in a record at `at`; undefined if it went to the program's own memory. */
export function readWrite(
  { ownBytes, program, symbols }: WritesInput,
  { type, bytes, isUnit, at: source }: WriteSite,
  view: DataView,
  at: number,
): MemoryWrite | undefined {
  const word = (offset: number): bigint => view.getBigUint64(at + offset, true);
  const [address, own] = [word(WRITE_RECORD.ADDRESS), word(WRITE_RECORD.OWN)];
  if (address >= own && address < own + BigInt(ownBytes)) return undefined;
  const shown = isUnit ? UNITS[bytes] : type;
  const value = (raw: bigint) => scalarToTyped({ type: shown, raw, fromCall: false }, symbols).text;
  const [before, after] = [word(WRITE_RECORD.BEFORE), word(WRITE_RECORD.AFTER)];
  const { symbol, offset } = symbols.containing(address) ?? {};
  return {
    ...locationOf(program, source),
    address: `0x${address.toString(16)}`,
    ...(symbol && { symbol: offset === 0n ? symbol.name : `${symbol.name}+0x${offset?.toString(16)}` }),
    ...{ bytes, before: value(before), after: value(after) },
    ...{ beforeRaw: hexOf(before, bytes), afterRaw: hexOf(after, bytes) },
  };
}

const UNITS: Readonly<Record<WriteSite['bytes'], CType>> = {
  1: BASIC.uchar,
  2: BASIC.ushort,
  4: BASIC.uint,
  8: BASIC.ulong,
};

function hexOf(value: bigint, bytes: number): string {
  return `0x${BigInt.asUintN(8 * bytes, value).toString(16)}`;
}
