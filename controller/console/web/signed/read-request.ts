import type { CallRequest } from '../../../../shared/messages/index.ts';
import { type ProtobufField, readFields } from './protobuf.ts';

/** A request, read in the page from the bytes that people sign. */
export type SignedRequest = Omit<CallRequest, 'protocol' | 'planDigest' | 'expectedHostsDigest'> & {
  readonly planDigest?: string;
  readonly expectedHostsDigest?: string;
};

/** The largest request has a program of 64 KiB, as much of the library, and its other members. */
const LIMIT_BYTES = 192 << 10;

/**
 * Reads a CallRequest (proto/farcall/v1/request.proto). Throws where the bytes are not one, or have a field
 * that is not known here.
 *
 * Threat: a controller shows one program and has another one signed. What the page shows as signed comes from
 * these bytes alone, by a reader of its own. A field that the page cannot show is an error: nobody signs what
 * they were not shown.
 */
export function readRequest(bytes: Uint8Array): SignedRequest {
  if (bytes.length > LIMIT_BYTES) throw new Error(`the request has ${bytes.length} bytes`);
  const read = reader('request', bytes, 21);
  return {
    id: read.text(2),
    requester: read.text(3),
    program: read.text(4),
    selector: read.text(5),
    reason: read.text(6),
    policy: read.text(7) as SignedRequest['policy'],
    effect: read.text(8) as SignedRequest['effect'],
    createdAtMs: read.number(9),
    expiresAtMs: read.number(10),
    timeoutMs: read.number(11),
    ...(read.has(12) && { rollout: readRollout(read.bytes(12)) }),
    ...(read.has(13) && { lateJoiners: read.number(13) === 1 }),
    ...(read.has(14) && { planDigest: toHex(read.bytes(14)) }),
    ...(read.has(15) && { expectedHosts: read.number(15) }),
    ...(read.has(16) && { expectedHostsDigest: toHex(read.bytes(16)) }),
    ...(read.has(17) && { indirectCalls: read.number(17) === 1 }),
    ...(read.has(20) && { library: read.text(20) }),
    site: read.text(18),
    ...(read.has(19) && { fuel: read.number(19) }),
    ...(read.has(21) && { values: read.text(21) }),
  };
}

function readRollout(bytes: Uint8Array): NonNullable<CallRequest['rollout']> {
  const read = reader('rollout', bytes, 3);
  const gate = reader('gate', read.has(2) ? read.bytes(2) : new Uint8Array(), 5);
  return {
    waves: read.all(1).map(readWave),
    gate: {
      maxFailedHosts: gate.number(1),
      maxFailedPermille: gate.number(2),
      failing: gate.all(3).map(toText) as NonNullable<CallRequest['rollout']>['gate']['failing'],
      health: gate.number(4) === 1,
      notApplicableOk: gate.number(5) === 1,
    },
    answerWithinMs: read.number(3),
  };
}

function readWave(bytes: Uint8Array): NonNullable<CallRequest['rollout']>['waves'][number] {
  const read = reader('wave', bytes, 4);
  return {
    size: read.text(1),
    ...(read.has(2) && { selector: read.text(2) }),
    bakeMs: read.number(3),
    manual: read.number(4) === 1,
  };
}

/**
 * Access to the fields of a message by number. A field that occurs twice could be read in two ways, and is an
 * error.
 */
function reader(name: string, bytes: Uint8Array, lastField: number) {
  const fields = readFields(bytes);
  const unknown = fields.find(({ number }) => number > lastField);
  if (unknown) throw new Error(`the ${name} has a field ${unknown.number} that this page cannot show`);
  const only = (number: number): ProtobufField | undefined => {
    const [first, second] = fields.filter(field => field.number === number);
    if (second) throw new Error(`the ${name} has field ${number} twice`);
    return first;
  };
  const bytesOf = (field: ProtobufField | undefined): Uint8Array => {
    if (field?.bytes === undefined && field)
      throw new Error(`field ${field.number} of the ${name} is not a text`);
    return field?.bytes ?? new Uint8Array();
  };
  return {
    has: (number: number): boolean => only(number) !== undefined,
    bytes: (number: number): Uint8Array => bytesOf(only(number)),
    text: (number: number): string => toText(bytesOf(only(number))),
    number(number: number): number {
      const value = only(number);
      if (value && value.varint === undefined)
        throw new Error(`field ${number} of the ${name} is not a number`);
      return Number(value?.varint ?? 0n);
    },
    all: (number: number): Uint8Array[] => fields.filter(field => field.number === number).map(bytesOf),
  };
}

function toText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** The beginning of a site's id, as the command line shows it too (shared/tokens/site.ts). */
export function shortSite(site: string): string {
  return site.slice(0, 12);
}

/** Bytes in hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
