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
}

/** The rows in the bytes of ResultRows, each with its values. Throws as {@link readValue} does. */
export function readRows(bytes: Uint8Array, limits: RowLimits): { readonly values: TypedValue[] }[] {
  const reading = { reader: new WireReader(bytes), left: { parts: limits.parts } };
  const { reader } = reading;
  const rows: { readonly values: TypedValue[] }[] = [];
  while (reader.at < reader.end) {
    const end = enterOnly(reader);
    if (rows.length === limits.rows) throw over(`more than ${limits.rows} rows`);
    const values: TypedValue[] = [];
    const outer = reader.end;
    reader.end = end;
    while (reader.at < end) {
      const valueEnd = enterOnly(reader);
      if (values.length === limits.valuesInRow) throw over(`more than ${limits.valuesInRow} values in a row`);
      values.push(rootValue(reading, valueEnd));
    }
    reader.end = outer;
    rows.push({ values });
  }
  return rows;
}

/** Enters a message in field 1, the only field of rows and of each row, and returns where it ends. */
function enterOnly(reader: WireReader): number {
  if (reader.uint32() === ((1 << 3) | WIRE.bytes)) return reader.delimitedEnd();
  throw invalid('rows consist of rows, and rows of values');
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
