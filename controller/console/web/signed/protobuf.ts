/** One field of a protobuf message; it has either `varint` or `bytes`. */
export interface ProtobufField {
  readonly number: number;
  readonly varint?: bigint;
  readonly bytes?: Uint8Array;
}

/** Most fields of one message. */
const FIELDS_LIMIT = 4096;

/**
 * The fields of a message in their order (protobuf.dev, "Encoding"). Throws where the bytes are not a message
 * whose fields are numbers, texts and messages.
 */
export function readFields(bytes: Uint8Array): ProtobufField[] {
  const fields: ProtobufField[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (fields.length === FIELDS_LIMIT) throw new Error('the message has too many fields');
    const tag = readVarint(bytes, at);
    const number = Number(tag.value >> 3n);
    const wireType = Number(tag.value & 7n);
    if (number === 0 || number > 0x1fff_ffff) throw new Error(`${number} is not a field number`);
    if (wireType !== 0 && wireType !== 2) throw new Error(`field ${number} has wire type ${wireType}`);
    const { value, end } = readVarint(bytes, tag.end);
    if (wireType === 0) {
      fields.push({ number, varint: value });
      at = end;
      continue;
    }
    const length = Number(value);
    if (length > bytes.length - end) throw new Error(`field ${number} is cut off`);
    fields.push({ number, bytes: bytes.subarray(end, end + length) });
    at = end + length;
  }
  return fields;
}

/** Seven bits to a byte, the lowest first; at most ten bytes. */
function readVarint(bytes: Uint8Array, start: number): { value: bigint; end: number } {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) throw new Error('a number is cut off');
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: start + index + 1 };
  }
  throw new Error('a number has more than ten bytes');
}
