import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import type { z } from 'zod';
import { FarcallError } from '../errors/index.ts';
import { firstIssue } from '../schema/index.ts';

/** Encodes and decodes one kind of message, and checks it both ways. */
export interface MessageCodec<T> {
  /** Name of the protobuf message. */
  readonly name: string;
  /** The bytes of `value`. Throws MESSAGE_INVALID if the schema does not accept it. */
  encode(value: T): Uint8Array;
  /** The message in `bytes`. Throws MESSAGE_INVALID naming the message and the field. */
  decode(bytes: Uint8Array): T;
}

/** Largest message that any decoder accepts unless its codec says otherwise, in bytes. */
export const MESSAGE_LIMIT_BYTES = 1 << 20;

const PROTO_FILES = [
  'request',
  'order',
  'result',
  'host',
  'trust',
  'operator',
  'report',
  'enrolment',
  'plan',
  'kernels',
  'signing',
  'console',
] as const;

let root: protobuf.Root | undefined;

/**
 * The codec of the protobuf message `farcall.v1.<name>`, whose decoded form must satisfy `schema`. It decodes
 * at most `limitBytes`.
 *
 * The .proto files define the layout of the bytes. The schema defines which values are valid (lengths,
 * ranges, known names) and the TypeScript type. Bytes from the network become a checked value or an error.
 */
export function messageCodec<S extends z.ZodType>(
  name: string,
  schema: S,
  limitBytes = MESSAGE_LIMIT_BYTES,
): MessageCodec<z.infer<S>> {
  let type: protobuf.Type | undefined;
  const lookUp = (): protobuf.Type => {
    type ??= loadRoot().lookupType(`farcall.v1.${name}`);
    return type;
  };
  return {
    name,
    encode(value) {
      const checked = check(name, schema, value) as Record<string, unknown>;
      return lookUp().encode(lookUp().fromObject(checked)).finish();
    },
    decode(bytes) {
      if (bytes.length > limitBytes) {
        throw new FarcallError(
          'MESSAGE_INVALID',
          `${name}: ${bytes.length} bytes are over the limit of ${limitBytes}`,
        );
      }
      return check(name, schema, decodeObject(name, lookUp(), bytes));
    },
  };
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

function loadRoot(): protobuf.Root {
  if (root) return root;
  root = new protobuf.Root();
  for (const file of PROTO_FILES) {
    const path = new URL(`../../proto/farcall/v1/${file}.proto`, import.meta.url);
    protobuf.parse(readFileSync(path, 'utf8'), root);
  }
  root.resolveAll();
  return root;
}
