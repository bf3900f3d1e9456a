import {
  partsOfValue,
  RESULT_LIMITS,
  type ResultRow,
  type TypedValue,
  valueBytes,
} from '../../../shared/messages/index.ts';
import type { MarshalledValue } from '../check/index.ts';
import { ROW_HEADER_BYTES } from '../codegen/index.ts';
import { marshalledBytes } from '../ir/index.ts';
import type { ReportedRows, ResultAreaInput } from './read-result-area.ts';
import { marshalledToTyped } from './value-to-typed.ts';

/**
 * The most bytes that all rows together may take. Value, log and error have the rest of
 * {@link RESULT_LIMITS}.bytes.
 */
const ROWS_LIMIT_BYTES = 400_000;

/** Bytes of a row beside its values. */
const ROW_BYTES = 8;

/** Decodes rows (u32 report index, u32 size, values); what is over the limits is counted as dropped. */
export function readRows(
  bytes: Uint8Array,
  { rows: sites, symbols }: Pick<ResultAreaInput, 'rows' | 'symbols'>,
  dropped: number,
): ReportedRows {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: ResultRow[] = [];
  let [at, taken, parts, left] = [0, 0, 0, dropped];
  const isFull = (): boolean => taken > ROWS_LIMIT_BYTES || parts > RESULT_LIMITS.parts;
  while (at + ROW_HEADER_BYTES <= bytes.length) {
    const size = view.getUint32(at + 4, true);
    const carried = sites[view.getUint32(at, true)];
    const end = at + ROW_HEADER_BYTES + size;
    if (!carried || end > bytes.length) break;
    const values = isFull() ? [] : readValues(bytes.subarray(at + ROW_HEADER_BYTES, end), carried);
    at = end;
    taken += values.reduce((sum, value) => sum + valueBytes(value), ROW_BYTES);
    parts += values.reduce((sum, value) => sum + partsOfValue(value), 0);
    if (rows.length === RESULT_LIMITS.rows || isFull()) left++;
    else rows.push({ values });
  }
  return { rows, droppedRows: left };

  function readValues(row: Uint8Array, carried: readonly MarshalledValue[]): TypedValue[] {
    let offset = 0;
    return carried.map(each => {
      const value = marshalledToTyped(each, row.subarray(offset), symbols);
      offset += marshalledBytes(each);
      return value;
    });
  }
}
