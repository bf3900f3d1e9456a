import {
  type MemoryWrite,
  partsOfValue,
  RESULT_LIMITS,
  type ResultRow,
  type TypedValue,
  valueBytes,
} from '../../../shared/messages/index.ts';
import { type MarshalledValue, WATCH_COUNTS } from '../check/index.ts';
import { ROW_HEADER_BYTES } from '../codegen/index.ts';
import { bare } from '../ctype/index.ts';
import { marshalledBytes, WRITE_RECORD, WRITES_RECORDED } from '../ir/index.ts';
import type { ReportedRows, ResultAreaInput } from './read-result-area.ts';
import { readWrite } from './read-write.ts';
import { areaOf, valueAt } from './value-to-typed.ts';

/**
 * The most bytes that all rows together may take. Value, log and error have the rest of
 * {@link RESULT_LIMITS}.bytes.
 */
const ROWS_LIMIT_BYTES = 400_000;

/**
 * Rows with the counts of watches that find room however many rows are before them: they say what is missing.
 * A watch that is in a loop may have more.
 */
const COUNT_ROWS = 16;

/** Parts that so many rows of counts have: the structure, and its members. */
const COUNT_PARTS = COUNT_ROWS * (1 + WATCH_COUNTS.length);

/** Bytes of a row beside its values. */
const ROW_BYTES = 8;

/**
 * Decodes rows (u32 report index, u32 size, values) from `start` to `end`; what is over the limits is counted
 * as dropped.
 */
export function readRows(
  input: Pick<ResultAreaInput, 'area' | 'rows' | 'symbols' | 'program' | 'written'>,
  { start, end, dropped }: { readonly start: number; readonly end: number; readonly dropped: number },
): ReportedRows {
  const { area: bytes, rows: sites, symbols, program, written } = input;
  const area = areaOf(bytes.subarray(0, end));
  const writes: MemoryWrite[] = [];
  let records = 0;
  const known = sites.map(siteOf);
  const rows: ResultRow[] = [];
  let [at, taken, parts, left] = [start, 0, 0, dropped];
  const watches = known.some(({ isCounts }) => isCounts);
  const [mostRows, mostParts] = [
    RESULT_LIMITS.rows - (watches ? COUNT_ROWS : 0),
    RESULT_LIMITS.parts - (watches ? COUNT_PARTS : 0),
  ];
  const isFull = (): boolean => taken > ROWS_LIMIT_BYTES || parts > mostParts;
  let keptCounts = 0;
  const valuesAt = ({ columns }: Site, first: number): TypedValue[] =>
    columns.map(({ value, offset }) => valueAt(value, area, first + offset, symbols));
  while (at + ROW_HEADER_BYTES <= end) {
    const size = area.view.getUint32(at + 4, true);
    const index = area.view.getUint32(at, true);
    const site = known[index];
    const first = at + ROW_HEADER_BYTES;
    at = first + size;
    const writeSite = written?.writes[index - known.length];
    if (writeSite && at <= end && size >= WRITE_RECORD.BYTES) {
      records++;
      const write = readWrite({ ...written!, program, symbols }, writeSite, area.view, first);
      if (write && records <= WRITES_RECORDED) writes.push(write);
      continue;
    }
    if (!site || at > end || size < site.bytes) break;
    if (site.isCounts && keptCounts < COUNT_ROWS) {
      keptCounts++;
      rows.push({ values: valuesAt(site, first), columns: site.names });
      continue;
    }
    if (rows.length - keptCounts >= mostRows || isFull()) {
      left++;
      continue;
    }
    const values = valuesAt(site, first);
    taken += ROW_BYTES;
    for (const value of values) {
      taken += valueBytes(value);
      parts += partsOfValue(value);
    }
    if (isFull()) left++;
    else rows.push({ values, columns: site.names });
  }
  const writesMissed =
    written !== undefined &&
    (written.hasUnrecorded || records > WRITES_RECORDED || (left > 0 && written.writes.length > 0));
  return {
    rows,
    droppedRows: left,
    ...(writes.length > 0 && { writes }),
    ...(writesMissed && { writesMissed }),
  };
}

interface Site {
  /** The names of its columns. */
  readonly names: readonly string[];
  readonly columns: readonly { readonly value: MarshalledValue; readonly offset: number }[];
  readonly bytes: number;
  /** Whether it holds the counts of a watch. */
  readonly isCounts: boolean;
}

function siteOf(carried: readonly MarshalledValue[]): Site {
  let bytes = 0;
  const columns = carried.map(value => {
    const column = { value, offset: bytes };
    bytes += marshalledBytes(value);
    return column;
  });
  const type = carried[0] && bare(carried[0].type);
  const names = carried.map(({ column = '' }) => column);
  return { names, columns, bytes, isCounts: type?.kind === 'struct' && type.name === 'watch' && type.id < 0 };
}
