import type { CallResult, MemoryWrite, TypedValue } from '../../shared/messages/index.ts';
import { targetOf } from '../../shared/rows/index.ts';

/** A value of a row: a number that a double holds exactly, or text. */
export type Cell = number | string;

/** The rows of one result, short enough that a million of them can be read in a second or two. */
export interface ResultRows {
  /** JSON: a list of names of columns for each `report` that made rows. */
  readonly columns: string;
  /** JSON: a list for each row; first the number of its list of names, or -1 for a write, then its cells. */
  readonly rows: string;
  /** Rows that the host dropped, and those that found no room here. */
  readonly dropped: number;
}

const CELL_CHARS = 300;
const ROWS_CHARS = 1 << 20;

/** What is kept of the rows of `result` beside its bytes, a function of these; undefined without rows. */
export function resultRowsOf({
  rows = [],
  droppedRows = 0,
  writes = [],
}: CallResult): ResultRows | undefined {
  if (rows.length === 0 && writes.length === 0) return undefined;
  const lists: (readonly string[])[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (names: readonly string[]): number => {
    const key = JSON.stringify(names);
    const known = numbers.get(key) ?? lists.push(names) - 1;
    numbers.set(key, known);
    return known;
  };
  const kept: string[] = [];
  let chars = 0;
  for (const { values, columns } of rows) {
    const names = values.map((_, index) => columns?.[index] || `column ${index + 1}`);
    const text = JSON.stringify([numberOf(names), ...values.map(cellOf)]);
    chars += text.length;
    if (chars > ROWS_CHARS) break;
    kept.push(text);
  }
  const dropped = droppedRows + rows.length - kept.length;
  for (const write of writes) kept.push(JSON.stringify([-1, ...writeCells(write)]));
  return { columns: JSON.stringify(lists), rows: `[${kept.join(',')}]`, dropped };
}

/** The columns of the writes of a program. */
export const WRITE_COLUMNS = ['written', 'before', 'after', 'line', 'bytes'] as const;

function writeCells(write: MemoryWrite): Cell[] {
  return [targetOf(write), write.before, write.after, write.line, write.bytes];
}

/** A plain integer as a number; text as it is; everything else as C writes it, without its type. */
function cellOf(value: TypedValue): Cell {
  const { kind, integer, string, type, text, enumerator, errnoName } = value;
  if (kind === 'string' && string !== undefined) return cut(string);
  if ((kind === 'int' || kind === 'bool') && integer !== undefined && errnoName === undefined) {
    const number = Number(integer);
    return Number.isSafeInteger(number) ? number : integer;
  }
  if (kind === 'enum' && enumerator !== undefined) return cut(`${enumerator} /* ${integer} */`);
  const prefix = `(${type})`;
  return cut(text.startsWith(prefix) && text !== prefix ? text.slice(prefix.length) : text);
}

function cut(text: string): string {
  return text.length > CELL_CHARS ? `${text.slice(0, CELL_CHARS - 1)}…` : text;
}
