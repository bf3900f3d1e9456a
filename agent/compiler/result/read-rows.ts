import { partsOfValue, RESULT_LIMITS, type ResultRow, valueBytes } from '../../../shared/messages/index.ts';
import type { MarshalledValue } from '../check/index.ts';
import { ROW_HEADER_BYTES } from '../codegen/index.ts';
import { marshalledBytes } from '../ir/index.ts';
import type { ReportedRows, ResultAreaInput } from './read-result-area.ts';
import { areaOf, valueAt } from './value-to-typed.ts';

/**
 * The most bytes that all rows together may take. Value, log and error have the rest of
 * {@link RESULT_LIMITS}.bytes.
 */
const ROWS_LIMIT_BYTES = 400_000;

/** Bytes of a row beside its values. */
const ROW_BYTES = 8;

/**
 * Decodes rows (u32 report index, u32 size, values) from `start` to `end`; what is over the limits is counted
 * as dropped.
 */
export function readRows(
  { area: bytes, rows: sites, symbols }: Pick<ResultAreaInput, 'area' | 'rows' | 'symbols'>,
  { start, end, dropped }: { readonly start: number; readonly end: number; readonly dropped: number },
): ReportedRows {
  const area = areaOf(bytes.subarray(0, end));
  const known = sites.map(siteOf);
  const rows: ResultRow[] = [];
  let [at, taken, parts, left] = [start, 0, 0, dropped];
  const isFull = (): boolean => taken > ROWS_LIMIT_BYTES || parts > RESULT_LIMITS.parts;
  while (at + ROW_HEADER_BYTES <= end) {
    const size = area.view.getUint32(at + 4, true);
    const site = known[area.view.getUint32(at, true)];
    const first = at + ROW_HEADER_BYTES;
    at = first + size;
    if (!site || at > end || size < site.bytes) break;
    if (rows.length === RESULT_LIMITS.rows || isFull()) {
      left++;
      continue;
    }
    const values = site.columns.map(({ value, offset }) => valueAt(value, area, first + offset, symbols));
    taken += ROW_BYTES;
    for (const value of values) {
      taken += valueBytes(value);
      parts += partsOfValue(value);
    }
    if (isFull()) left++;
    else rows.push({ values });
  }
  return { rows, droppedRows: left };
}

interface Site {
  readonly columns: readonly { readonly value: MarshalledValue; readonly offset: number }[];
  readonly bytes: number;
}

function siteOf(carried: readonly MarshalledValue[]): Site {
  let bytes = 0;
  const columns = carried.map(value => {
    const column = { value, offset: bytes };
    bytes += marshalledBytes(value);
    return column;
  });
  return { columns, bytes };
}
