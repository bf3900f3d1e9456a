import { FarcallError } from '../errors/index.ts';
import { hasControl } from './plain-text.ts';
import {
  type TypedValue,
  VALUE_KINDS,
  VALUE_LIMITS,
  VALUE_TEXT_CHARS,
  type ValueNode,
} from './typed-value.ts';
import { valueToText } from './value-text.ts';
import { WIRE, WireReader } from './wire/index.ts';

/** How many parts the values of one message may still have. */
export interface PartsLeft {
  parts: number;
}

/**
 * The value in the bytes of a TypedValue. It accepts what `typedValueSchema` accepts, takes the parts from
 * `left`, and throws MESSAGE_LIMIT when there are none left, and MESSAGE_INVALID.
 *
 * Values are most of what a host sends, and come by the thousand. The general codec makes three objects and
 * checks a schema for each part of them; this reads each part once, and makes one object.
 */
export function readValue(bytes: Uint8Array, left: PartsLeft): TypedValue {
  return rootValue({ reader: new WireReader(bytes), left }, bytes.length);
}

/** What the rows of one message may have. */
export interface RowLimits {
  readonly rows: number;
  readonly valuesInRow: number;
  /** Parts of all values in all rows. */
  readonly parts: number;
  /** Lists of names, and characters of one name. */
  readonly columnLists: number;
  readonly columnNameChars: number;
}

/** A row, with the names of its columns where the host tells them. */
interface ReadRow {
  readonly values: TypedValue[];
  readonly columns?: readonly string[];
}

/** Numbers of the fields of ResultRows, ResultRow and ResultColumns, as in result.proto. */
const ROWS = { rows: 1, columns: 2 } as const;
const ROW = { values: 1, columns: 2 } as const;
const COLUMNS = { names: 1 } as const;
const VALUES_TAG = tagOf(ROW.values, WIRE.bytes);
const COLUMNS_TAG = tagOf(ROW.columns, WIRE.varint);

/** The rows in the bytes of ResultRows, each with its values. Throws as {@link readValue} does. */
export function readRows(bytes: Uint8Array, limits: RowLimits): ReadRow[] {
  const reading = { reader: new WireReader(bytes), left: { parts: limits.parts } };
  const rows: { readonly values: TypedValue[]; readonly list: number }[] = [];
  const lists: (readonly string[])[] = [];
  eachField(reading.reader, reading.reader.end, {
    [tagOf(ROWS.rows, WIRE.bytes)]: () => {
      if (rows.length === limits.rows) throw over(`more than ${limits.rows} rows`);
      rows.push(readRow(reading, limits));
    },
    [tagOf(ROWS.columns, WIRE.bytes)]: () => {
      if (lists.length === limits.columnLists) throw over(`more than ${limits.columnLists} lists of columns`);
      lists.push(readNames(reading.reader, limits));
    },
  });
  return rows.map(({ values, list }) => {
    if (list === 0) return { values };
    const columns = lists[list - 1];
    if (columns?.length === values.length) return { values, columns };
    throw invalid('a row has other columns than its list of names');
  });
}

function readRow(reading: Reading, { valuesInRow }: RowLimits) {
  const { reader } = reading;
  const [end, outer] = [reader.delimitedEnd(), reader.end];
  const values: TypedValue[] = [];
  let list = 0;
  reader.end = end;
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === VALUES_TAG) {
      if (values.length === valuesInRow) throw over(`more than ${valuesInRow} values in a row`);
      values.push(rootValue(reading, reader.delimitedEnd()));
    } else {
      if (tag !== COLUMNS_TAG || list !== 0)
        throw invalid('a row consists of values, and names its columns once');
      list = reader.uint32();
    }
  }
  reader.end = outer;
  return { values, list };
}

function readNames(reader: WireReader, { valuesInRow, columnNameChars }: RowLimits): readonly string[] {
  const names: string[] = [];
  eachField(reader, reader.delimitedEnd(), {
    [tagOf(COLUMNS.names, WIRE.bytes)]: () => {
      if (names.length === valuesInRow) throw over(`more than ${valuesInRow} names of columns`);
      const name = reader.text(reader.delimitedEnd());
      if (name.length > columnNameChars) throw over(`a name of a column is longer than ${columnNameChars}`);
      if (hasControl(name)) throw invalid('a name of a column has a control character');
      names.push(name);
    },
  });
  return names;
}

function tagOf(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

/** Reads fields up to `end`, each by the reader of its tag. Throws MESSAGE_INVALID for one without. */
function eachField(reader: WireReader, end: number, readers: Readonly<Record<number, () => void>>): void {
  const outer = reader.end;
  reader.end = end;
  while (reader.at < end) {
    const read = readers[reader.uint32()];
    if (!read) throw invalid('rows consist of rows and names, and rows of values');
    read();
  }
  reader.end = outer;
}

function rootValue(reading: Reading, end: number): TypedValue {
  const node: Draft = readWithin(reading, end, 0);
  if (node.type === undefined) throw invalid('a value has a type');
  node.text = valueToText(node);
  return node as TypedValue;
}

interface Reading {
  readonly reader: WireReader;
  readonly left: PartsLeft;
}

/** A node under construction. */
type Draft = { -readonly [Key in keyof ValueNode]: ValueNode[Key] } & { text?: string };

/** The parts of a value that are one string, and the rule for each, by the number of the field. */
const TEXTS: readonly (TextField | undefined)[] = textFields();

interface TextField {
  readonly key: 'type' | 'name' | 'integer' | 'symbol' | 'errnoName' | 'enumerator' | 'string' | 'address';
  readonly chars: number;
  readonly isInvalid: (text: string) => boolean;
}

function textFields(): (TextField | undefined)[] {
  const plain = (key: Exclude<TextField['key'], 'integer' | 'address'>): TextField => ({
    key,
    chars: VALUE_TEXT_CHARS[key],
    isInvalid: key === 'string' ? () => false : hasControl,
  });
  const integer: TextField = { key: 'integer', chars: 41, isInvalid: text => !/^-?\d{1,40}$/.test(text) };
  const address: TextField = {
    key: 'address',
    chars: 18,
    isInvalid: text => !/^0x[0-9a-f]{1,16}$/.test(text),
  };
  const numbered = [plain('type'), plain('name'), undefined, integer, plain('symbol'), plain('errnoName')];
  return [undefined, ...numbered, plain('enumerator'), plain('string'), address];
}

/** Numbers of the fields that are no strings, as in result.proto. */
const FIELD = { kind: 3, signed: 10, bits: 11, members: 12, elements: 13, truncated: 14 } as const;

function readWithin(reading: Reading, end: number, depth: number): ValueNode {
  const { reader } = reading;
  const outer = reader.end;
  reader.end = end;
  const node = readNode(reading, depth);
  reader.end = outer;
  return node;
}

function readNode(reading: Reading, depth: number): ValueNode {
  const { reader, left } = reading;
  if (--left.parts < 0) throw over('too many parts');
  if (depth > VALUE_LIMITS.depth) throw over(`more than ${VALUE_LIMITS.depth} levels`);
  const node: Draft = { kind: 'void' };
  let parts: ValueNode[] | undefined;
  let [seen, partsField] = [0, 0];
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    const [field, wireType] = [tag >>> 3, tag & 7];
    if (field === FIELD.members || field === FIELD.elements) {
      if (wireType !== WIRE.bytes || (partsField !== 0 && partsField !== field))
        throw invalid('members and elements do not mix');
      partsField = field;
      parts ??= [];
      parts.push(readWithin(reading, reader.delimitedEnd(), depth + 1));
    } else {
      if (field > 31 || (seen & (1 << field)) !== 0) throw invalid('a field that is unknown or comes twice');
      seen |= 1 << field;
      readField(reader, node, { field, wireType });
    }
  }
  return withParts(node, parts, partsField);
}

/** Only an aggregate has parts, and always has a list of them. */
function withParts(node: Draft, parts: ValueNode[] | undefined, partsField: number): ValueNode {
  const isRecord = node.kind === 'struct' || node.kind === 'union';
  const wanted = isRecord ? FIELD.members : node.kind === 'array' ? FIELD.elements : 0;
  if (partsField !== 0 && partsField !== wanted)
    throw invalid(`a value of kind ${node.kind} has other parts`);
  if (wanted === FIELD.members) node.members = parts ?? [];
  if (wanted === FIELD.elements) node.elements = parts ?? [];
  return node;
}

interface FieldAt {
  readonly field: number;
  readonly wireType: number;
}

function readField(reader: WireReader, node: Draft, { field, wireType }: FieldAt): void {
  const text = TEXTS[field];
  if (text) {
    if (wireType !== WIRE.bytes) throw invalid(`${text.key} is no string`);
    readText(reader, node, text);
    return;
  }
  if (wireType !== WIRE.varint) throw invalid(`field ${field} is no number`);
  const number = reader.uint32();
  if (field === FIELD.kind) node.kind = VALUE_KINDS[number] ?? unknownKind(number);
  else if (field === FIELD.signed) node.signed = number !== 0;
  else if (field === FIELD.truncated) node.truncated = number !== 0;
  else if (field === FIELD.bits && number >= 1 && number <= VALUE_LIMITS.bits) node.bits = number;
  else throw invalid(`field ${field} is unknown, or out of its range`);
}

function readText(reader: WireReader, node: Draft, { key, chars, isInvalid }: TextField): void {
  const text = reader.text(reader.delimitedEnd());
  if (text.length > chars) throw over(`${key} is longer than ${chars} characters`);
  if (isInvalid(text)) throw invalid(`${key} is not as it should be`);
  node[key] = text;
}

function unknownKind(number: number): never {
  throw invalid(`there is no kind ${number}`);
}

function invalid(what: string): FarcallError {
  return new FarcallError('MESSAGE_INVALID', `TypedValue: ${what}`);
}

function over(what: string): FarcallError {
  return new FarcallError('MESSAGE_LIMIT', `TypedValue: ${what}`);
}
