import type protobuf from 'protobufjs';
import type { z } from 'zod';
import { FarcallError } from '../../errors/index.ts';
import { limitsOf, memberSchemas } from './schema-limits.ts';
import { WIRE, WireReader } from './wire-reader.ts';

/** How large a message may be. All of it is counted on the wire, before anything is built. */
export interface WireLimits {
  readonly bytes: number;
  /** Fields in the whole message, those of messages within it included. */
  readonly fields: number;
  /** Levels of messages within messages. */
  readonly depth: number;
}

/** Most entries of a map; the schema has the exact number. */
const MAP_ENTRIES = 256;

interface FieldRule {
  readonly name: string;
  readonly index: number;
  /** 1 for a field that is not repeated. */
  readonly entries: number;
  readonly textBytes: number;
  /** Whether its entries may come as numbers in one field. */
  readonly isPackable: boolean;
  /** Undefined for a scalar, a string or bytes. */
  readonly message: MessageRule | undefined;
}

/** What may be in a message of one kind. */
export interface MessageRule {
  readonly name: string;
  /** By the number of the field. */
  readonly fields: (FieldRule | undefined)[];
  count: number;
}

/**
 * The rule for a protobuf message whose decoded form must satisfy `schema`: entries of repeated fields and
 * lengths of strings are limited as there.
 */
export function messageRule(type: protobuf.Type, schema: z.ZodType): MessageRule {
  return ruleOf(type, schema, new Map());
}

function ruleOf(type: protobuf.Type, schema: z.ZodType, made: Map<protobuf.Type, MessageRule>): MessageRule {
  const found = made.get(type);
  if (found) return found;
  const rule: MessageRule = { name: type.name, fields: [], count: 0 };
  made.set(type, rule);
  const members = memberSchemas(schema);
  for (const field of type.fieldsArray) {
    field.resolve();
    rule.fields[field.id] = fieldRule(field, { rule, schema: members[field.name], made });
  }
  return rule;
}

interface FieldContext {
  readonly rule: MessageRule;
  readonly schema: z.ZodType | undefined;
  readonly made: Map<protobuf.Type, MessageRule>;
}

function fieldRule(field: protobuf.Field, { rule, schema, made }: FieldContext): FieldRule {
  const limits = schema && limitsOf(schema);
  const { resolvedType } = field;
  const isMessage = resolvedType !== null && 'fieldsArray' in resolvedType;
  const mostRepeated = field.map ? MAP_ENTRIES : (limits?.entries ?? Number.POSITIVE_INFINITY);
  const message = isMessage && !field.map && limits ? ruleOf(resolvedType, limits.schema, made) : undefined;
  return {
    name: field.name,
    index: rule.count++,
    entries: field.map || field.repeated ? mostRepeated : 1,
    textBytes: limits?.textBytes ?? Number.POSITIVE_INFINITY,
    isPackable: field.repeated && !isMessage && field.type !== 'string' && field.type !== 'bytes',
    message: field.map ? MAP_ENTRY : message,
  };
}

const scalarRule = (name: string, index: number): FieldRule => ({
  ...{ name, index, entries: 1, textBytes: Number.POSITIVE_INFINITY, isPackable: false, message: undefined },
});

/** An entry of a map is a message with a key and a value; here no value is a message itself. */
const MAP_ENTRY: MessageRule = {
  name: 'entry of a map',
  fields: [undefined, scalarRule('key', 0), scalarRule('value', 1)],
  count: 2,
};

/**
 * Counts what is in the bytes of a message. Throws MESSAGE_LIMIT where it is more than `rule` and `limits`
 * allow, and MESSAGE_INVALID where the bytes end too early.
 *
 * Threat: a host sends a megabyte that becomes a million objects. Counting makes none of them and takes a
 * time that grows with the bytes alone; what would cost more to decode than a message of its kind ever needs
 * is refused here, with the name of the limit.
 */
export function countFields(rule: MessageRule, bytes: Uint8Array, limits: WireLimits): void {
  if (bytes.length > limits.bytes)
    throw over(rule, `${bytes.length} bytes are over the limit of ${limits.bytes}`);
  const counting = { reader: new WireReader(bytes), left: limits.fields, limits };
  countMessage(rule, counting, 1);
}

interface Counting {
  readonly reader: WireReader;
  left: number;
  readonly limits: WireLimits;
}

function countMessage(rule: MessageRule, counting: Counting, depth: number): void {
  const { reader, limits } = counting;
  if (depth > limits.depth) throw over(rule, `more than ${limits.depth} levels`);
  const counts = new Uint32Array(rule.count);
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (--counting.left < 0) throw over(rule, `more than ${limits.fields} fields`);
    const field = rule.fields[tag >>> 3];
    if (field) countField(rule, field, { counting, counts, wireType: tag & 7, depth });
    else reader.skip(tag & 7);
  }
}

interface FieldCounting {
  readonly counting: Counting;
  readonly counts: Uint32Array;
  readonly wireType: number;
  readonly depth: number;
}

function countField(
  rule: MessageRule,
  field: FieldRule,
  { counting, counts, wireType, depth }: FieldCounting,
): void {
  const { reader } = counting;
  const { index, entries, textBytes, isPackable, message } = field;
  if (wireType !== WIRE.bytes) {
    reader.skip(wireType);
    counts[index]! += 1;
  } else {
    const end = reader.delimitedEnd();
    if (end - reader.at > textBytes) throw over(rule, `${field.name} is longer than ${textBytes} bytes`);
    counts[index]! += isPackable ? numbersIn(reader.bytes, reader.at, end) : 1;
    if (message) {
      const outer = reader.end;
      reader.end = end;
      countMessage(message, counting, depth + 1);
      reader.end = outer;
    }
    reader.at = end;
  }
  if (entries === 1 && counts[index]! > 1)
    throw new FarcallError('MESSAGE_INVALID', `${rule.name}: ${field.name} comes twice`);
  if (counts[index]! > entries) throw over(rule, `more than ${entries} of ${field.name}`);
}

/** How many numbers a packed field has at most: a varint ends with a byte below 0x80. */
function numbersIn(bytes: Uint8Array, at: number, end: number): number {
  let count = 0;
  for (let index = at; index < end; index++) if (bytes[index]! < 0x80) count += 1;
  return count;
}

function over({ name }: MessageRule, what: string): FarcallError {
  return new FarcallError('MESSAGE_LIMIT', `${name}: ${what}`);
}
