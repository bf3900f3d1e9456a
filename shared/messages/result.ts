import { z } from 'zod';
import { FarcallError, isErrorCode } from '../errors/index.ts';
import { OUTCOME_NAMES } from '../outcome/index.ts';
import { type MessageCodec, messageCodec } from './codec.ts';
import { bootId, bytes, checkpointToken, compactToken, digest, epochMs, hostName } from './fields.ts';
import { journalPositionSchema } from './host.ts';
import { linesText, lineText } from './plain-text.ts';
import { readRows, readValue } from './read-value.ts';

import { protocolField } from './request.ts';
import { type TypedValue, typedValueSchema, VALUE_LIMITS } from './typed-value.ts';

/**
 * The largest result. An agent cuts what it has to say to this, and says in the result that it did. A reader
 * decodes the largest in some ten milliseconds (`npm run bench -- hostile`).
 */
export const RESULT_LIMITS = {
  /** Bytes of a CallResult. */
  bytes: 704 << 10,
  rows: 8192,
  valuesInRow: 256,
  /** Parts of all values in all rows, counted as in {@link VALUE_LIMITS}. */
  parts: 8192,
  /** Lists of names of columns, one for each `report` of a program. */
  columnLists: 256,
  columnNameChars: 64,
  /** Writes to kernel memory. */
  writes: 512,
  errorChars: 8192,
  logLines: 256,
  logLineChars: 2048,
} as const;

const resultRowSchema = z.object({
  values: z.array(typedValueSchema).max(RESULT_LIMITS.valuesInRow),
  /** The names of the columns, of the rows of one `report` in one array; absent for hosts that tell none. */
  columns: z
    .array(lineText(RESULT_LIMITS.columnNameChars))
    .max(RESULT_LIMITS.valuesInRow)
    .readonly()
    .optional(),
});

/** The values of one `report` of a program, and the names of their columns. */
export type ResultRow = z.infer<typeof resultRowSchema>;

const hexValue = z.string().regex(/^0x[0-9a-f]{1,16}$/);

/** Bytes that a write can have. */
const WRITE_BYTES = [1, 2, 4, 8] as const;

const memoryWriteSchema = z.object({
  /** Where in the program it stands. */
  line: z.int().min(1),
  column: z.int().min(1),
  address: hexValue,
  /** The symbol that holds the address, with an offset; absent where none does. */
  symbol: lineText(512).optional(),
  bytes: z.int().refine(bytes => (WRITE_BYTES as readonly number[]).includes(bytes), '1, 2, 4 or 8 bytes'),
  /** The values as texts, and as the unsigned numbers that these bytes are. */
  before: lineText(512),
  after: lineText(512),
  beforeRaw: hexValue,
  afterRaw: hexValue,
});

/** A write of a program to kernel memory. */
export type MemoryWrite = z.infer<typeof memoryWriteSchema>;

const outcomeErrorSchema = z.object({
  code: z.string().refine(isErrorCode, 'an error code of shared/errors'),
  message: linesText(RESULT_LIMITS.errorChars),
  line: z.int().optional(),
  column: z.int().optional(),
});

/** Why a call did not return. */
export type OutcomeError = z.infer<typeof outcomeErrorSchema>;

const microseconds = z.int().min(0);

const callTimingsSchema = z.object({
  verifyUs: microseconds,
  compileUs: microseconds,
  spawnUs: microseconds,
  loadUs: microseconds,
  totalUs: microseconds,
});

/** How long the parts of one call took, in microseconds. */
export type CallTimings = z.infer<typeof callTimingsSchema>;

const callHealthSchema = z.object({
  bootId,
  taintBefore: z.int().min(0),
  taintAfter: z.int().min(0),
  /** Why a watch of the call did not see all that it was to see; absent where each did. */
  probes: lineText(256).optional(),
});

/** The state of the kernel before and after a call. */
export type CallHealth = z.infer<typeof callHealthSchema>;

/** A result on the wire: its values and rows are bytes of their own. */
const resultOnWireSchema = z.object({
  protocol: protocolField,
  host: hostName,
  /** How far the journal had come; absent if no controller had admitted this incarnation of the host. */
  journal: journalPositionSchema.optional(),
  requestDigest: digest,
  attempt: z.int().min(1),
  orderId: lineText(128).min(1),
  outcome: z.enum(OUTCOME_NAMES),
  value: bytes.optional(),
  error: outcomeErrorSchema.optional(),
  kernelLog: z.array(lineText(RESULT_LIMITS.logLineChars)).max(RESULT_LIMITS.logLines),
  timings: callTimingsSchema,
  finishedAtMs: epochMs,
  kernelRelease: lineText(128),
  moduleDigest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  loaderErrno: z.int().min(1).max(4095).optional(),
  rows: bytes.optional(),
  droppedRows: z.int().min(0).optional(),
  health: callHealthSchema.optional(),
  writes: bytes.optional(),
  /** Whether the program wrote, or may have written, more than `writes` has. */
  writesMissed: z.boolean().optional(),
});

type ResultOnWire = z.infer<typeof resultOnWireSchema>;

/** The result of one attempt of a request on one host, without its value and its rows. */
export type ResultHead = Omit<ResultOnWire, 'value' | 'rows' | 'writes'>;

/** The result of one attempt of a request on one host. */
export interface CallResult extends ResultHead {
  readonly value?: TypedValue | undefined;
  readonly rows?: readonly ResultRow[] | undefined;
  /** What it wrote to kernel memory, in order; absent if it wrote nothing. */
  readonly writes?: readonly MemoryWrite[] | undefined;
}

const resultOnWire = messageCodec('CallResult', resultOnWireSchema, {
  bytes: RESULT_LIMITS.bytes,
  fields: RESULT_LIMITS.logLines + 64,
  depth: 2,
});
const valueOnWire = messageCodec('TypedValue', typedValueSchema);

const columnsOnWireSchema = z.object({
  names: z.array(lineText(RESULT_LIMITS.columnNameChars)).max(RESULT_LIMITS.valuesInRow),
});
const rowOnWireSchema = resultRowSchema.omit({ columns: true }).extend({
  /** The number of the list in `columns` that names its values, from 1. */
  columns: z.int().min(1).max(RESULT_LIMITS.columnLists).optional(),
});
const rowsOnWire = messageCodec(
  'ResultRows',
  z.object({
    rows: z.array(rowOnWireSchema).max(RESULT_LIMITS.rows),
    columns: z.array(columnsOnWireSchema).max(RESULT_LIMITS.columnLists),
  }),
);

const writesOnWire = messageCodec(
  'MemoryWrites',
  z.object({ writes: z.array(memoryWriteSchema).max(RESULT_LIMITS.writes) }),
);

/** Rows with the same names refer to one list of them. Rows beyond the last list have no names. */
function encodeRows(rows: readonly ResultRow[]): Uint8Array {
  const numbers = new Map<string, number>();
  const lists: { readonly names: string[] }[] = [];
  const numberOf = (names: readonly string[]): number | undefined => {
    const key = JSON.stringify(names);
    const known = numbers.get(key);
    if (known !== undefined || lists.length === RESULT_LIMITS.columnLists) return known;
    numbers.set(key, lists.push({ names: [...names] }));
    return lists.length;
  };
  const numbered = rows.map(({ values, columns }) => {
    const number = columns && numberOf(columns);
    return { values, ...(number !== undefined && { columns: number }) };
  });
  return rowsOnWire.encode({ rows: numbered, columns: lists });
}

/** Codec of CallResult. Decoding throws MESSAGE_LIMIT for a result over {@link RESULT_LIMITS}. */
export const callResultCodec: MessageCodec<CallResult> = {
  name: 'CallResult',
  schema: resultOnWireSchema.extend({
    value: typedValueSchema.optional(),
    rows: z.array(resultRowSchema).optional(),
    writes: z.array(memoryWriteSchema).optional(),
  }),
  encode({ value, rows, writes, ...head }) {
    const bytes = resultOnWire.encode({
      ...head,
      ...(value && { value: valueOnWire.encode(value) }),
      ...(rows && { rows: encodeRows(rows) }),
      ...(writes && { writes: writesOnWire.encode({ writes: [...writes] }) }),
    });
    if (bytes.length <= RESULT_LIMITS.bytes) return bytes;
    throw new FarcallError('MESSAGE_LIMIT', `CallResult: over ${RESULT_LIMITS.bytes} bytes`);
  },
  decode(bytes) {
    const { value, rows, writes, ...head } = resultOnWire.decode(bytes);
    return {
      ...head,
      ...(value && { value: readValue(value, { parts: VALUE_LIMITS.nodes }) }),
      ...(rows && { rows: readRows(rows, RESULT_LIMITS) }),
      ...(writes && { writes: writesOnWire.decode(writes).writes }),
    };
  },
};

/**
 * What is in the bytes of a CallResult besides value and rows, which are not decoded. Throws as
 * {@link callResultCodec} does.
 */
export function decodeResultHead(bytes: Uint8Array): ResultHead {
  const { value: _value, rows: _rows, writes: _writes, ...head } = resultOnWire.decode(bytes);
  return head;
}

/** Schema of {@link ResultEnvelope}. */
export const resultEnvelopeSchema = z.object({ result: bytes, signature: compactToken });

/** Codec of ResultEnvelope: the exact result bytes and the host's signature over their digest. */
export const resultEnvelopeCodec = messageCodec('ResultEnvelope', resultEnvelopeSchema);

/** A signed result on its way to the controller, and in the journal of the host. */
export type ResultEnvelope = z.infer<typeof resultEnvelopeSchema>;

/**
 * Codec of ResultCommitted: the controller says whether a result is in its store. A host only believes the
 * token in it.
 */
export const resultCommittedCodec = messageCodec(
  'ResultCommitted',
  z.object({
    resultDigest: digest,
    committed: z.boolean(),
    reason: z.string().max(1024),
    token: z.string().max(8192),
    /** The controller's newest checkpoint of its audit log; absent if it has none. */
    checkpoint: checkpointToken.optional(),
  }),
  16_384,
);
