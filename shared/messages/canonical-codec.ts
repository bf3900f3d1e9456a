import type { z } from 'zod';
import { FarcallError } from '../errors/index.ts';
import { type MessageCodec, messageCodec } from './codec.ts';

/**
 * A codec as {@link messageCodec} makes it, which decodes only the bytes that its own encoder makes of the
 * message. It is for messages that people sign. Throws MESSAGE_INVALID for other bytes.
 *
 * Threat: protobuf has many encodings of one message (unknown fields, fields that come twice, numbers that
 * are too long, text that is not UTF-8), and readers differ in what they make of them. A person would sign
 * what one reader shows, and hosts would do what another one reads.
 */
export function canonicalCodec<S extends z.ZodType>(
  name: string,
  schema: S,
  limitBytes: number,
): MessageCodec<z.infer<S>> {
  const codec = messageCodec(name, schema, limitBytes);
  return {
    ...codec,
    decode(bytes) {
      const message = codec.decode(bytes);
      if (Buffer.compare(codec.encode(message), bytes) === 0) return message;
      throw new FarcallError(
        'MESSAGE_INVALID',
        `${name}: the bytes are not the canonical encoding of this message`,
      );
    },
  };
}
