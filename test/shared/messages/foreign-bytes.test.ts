import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FarcallError } from '../../../shared/errors/index.ts';
import * as messages from '../../../shared/messages/index.ts';

const exported: readonly unknown[] = Object.values(messages);
const codecs = exported.filter(
  (value): value is messages.MessageCodec<unknown> =>
    typeof value === 'object' && value !== null && 'decode' in value,
);

/** A value or a FarcallError, never anything else; what is a value encodes again. */
function decodeOrRefuse(codec: messages.MessageCodec<unknown>, bytes: Uint8Array): void {
  let value: unknown;
  try {
    value = codec.decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(FarcallError);
    expect((error as FarcallError).code).toMatch(/^MESSAGE_(INVALID|LIMIT)$/);
    return;
  }
  // A reader hands out bytes of the kind that it was given, so both readings begin with the same kind.
  expect(codec.decode(Uint8Array.from(codec.encode(value)))).toEqual(value);
}

/** Bytes that look more like protobuf than noise does: fields of small numbers with fitting lengths. */
const fieldBytes = fc.array(
  fc.oneof(
    fc
      .record({ field: fc.integer({ min: 1, max: 14 }), content: fc.uint8Array({ maxLength: 40 }) })
      .map(({ field, content }) => Uint8Array.of((field << 3) | 2, content.length, ...content)),
    fc
      .record({ field: fc.integer({ min: 1, max: 14 }), value: fc.integer({ min: 0, max: 127 }) })
      .map(({ field, value }) => Uint8Array.of(field << 3, value)),
  ),
  { maxLength: 14 },
);

describe('foreign bytes', () => {
  it('foreign bytes are given to every codec', () => {
    expect(codecs.length).toBeGreaterThan(15);
  });

  it.each(codecs.map(codec => [codec.name, codec] as const))(
    'foreign bytes are a %s or a FarcallError',
    (_name, codec) => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => decodeOrRefuse(codec, bytes)));
      fc.assert(
        fc.property(fieldBytes, fields => decodeOrRefuse(codec, Uint8Array.from(Buffer.concat(fields)))),
      );
    },
  );
});
