import type protobuf from 'protobufjs';
import type { z } from 'zod';
import { FarcallError } from '../errors/index.ts';
import { firstIssue } from '../schema/index.ts';
import { countFields, type MessageRule, messageRule, messageTypes, type WireLimits } from './wire/index.ts';

/** Encodes and decodes one kind of message, and checks it both ways. */
export interface MessageCodec<T> {
  /** Name of the protobuf message. */
  readonly name: string;
  /** What a decoded message satisfies. */
  readonly schema: z.ZodType;
  /** The bytes of `value`. Throws MESSAGE_INVALID if the schema does not accept it. */
  encode(value: T): Uint8Array;
  /** The message in `bytes`. Throws MESSAGE_INVALID naming the message and the field. */
  decode(bytes: Uint8Array): T;
}

/** Largest message that any decoder accepts unless its codec says otherwise, in bytes. */
export const MESSAGE_LIMIT_BYTES = 1 << 20;

let types: ((name: string) => protobuf.Type) | undefined;

/** Most fields in a message, unless its codec says otherwise; a large reply to an operator may have more. */
const FIELDS_LIMIT = 65_536;
const BYTES_PER_FIELD = 16;

/** Most levels of messages within messages, unless the codec says otherwise; ours have at most five. */
const DEPTH_LIMIT = 8;

/**
 * The codec of the protobuf message `farcall.v1.<name>`, whose decoded form must satisfy `schema`. It decodes
 * nothing that is over `limits` (a number limits the bytes), or that has more entries of a repeated field or
 * longer strings than the schema allows.
 *
 * The .proto files define the layout of the bytes. The schema defines which values are valid (lengths,
 * ranges, known names) and the TypeScript type. Bytes from the network become a checked value or an error;
 * what they contain is counted before anything is made of it.
 */
export function messageCodec<S extends z.ZodType>(
  name: string,
  schema: S,
  limits: number | Partial<WireLimits> = {},
): MessageCodec<z.infer<S>> {
  let type: protobuf.Type | undefined;
  let rule: MessageRule | undefined;
  const lookUp = (): protobuf.Type => {
    type ??= typeOf(name);
    return type;
  };
  const all = allLimits(typeof limits === 'number' ? { bytes: limits } : limits);
  return {
    name,
    schema,
    encode(value) {
      const checked = check(name, schema, value) as Record<string, unknown>;
      return lookUp().encode(lookUp().fromObject(checked)).finish();
    },
    decode(bytes) {
      rule ??= messageRule(lookUp(), schema);
      countFields(rule, bytes, all);
      return check(name, schema, decodeObject(name, lookUp(), bytes));
    },
  };
}

function allLimits({
  bytes = MESSAGE_LIMIT_BYTES,
  fields,
  depth = DEPTH_LIMIT,
}: Partial<WireLimits>): WireLimits {
  return { bytes, depth, fields: fields ?? Math.max(FIELDS_LIMIT, Math.ceil(bytes / BYTES_PER_FIELD)) };
}

function decodeObject(name: string, type: protobuf.Type, bytes: Uint8Array): unknown {
  try {
    return type.toObject(type.decode(bytes), { defaults: true, longs: Number, oneofs: false });
  } catch (cause) {
    throw new FarcallError('MESSAGE_INVALID', `${name}: the bytes are not a protobuf message of this kind`, {
      cause,
    });
  }
}

function check<S extends z.ZodType>(name: string, schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FarcallError('MESSAGE_INVALID', `${name}.${firstIssue(parsed.error, 'message')}`);
}

function typeOf(name: string): protobuf.Type {
  types ??= messageTypes(new URL('../../proto/farcall/v1/', import.meta.url));
  return types(name);
}
