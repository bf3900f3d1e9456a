import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { FarcallError } from '../../shared/errors/index.ts';

/*
 * One record of the journal file, numbers big-endian:
 *
 *      0        4        8        12                12+n          28+n
 *      +--------+--------+--------+-------- … ------+---- … ------+
 *      | "FCJ1" |   n    | crc-32 |     payload     |   sum (16)  |
 *      +--------+--------+--------+-------- … ------+---- … ------+
 *
 * The CRC-32 covers the eight bytes before it, so that a damaged length is told from a record cut short. The
 * sum is the first 16 bytes of SHA-256 over all before it, and stands last: a record without its end does not
 * count.
 */
const MAGIC = Buffer.from('FCJ1', 'latin1');
const HEADER_BYTES = 12;
const SUM_BYTES = 16;
/** The smallest unit that a disk writes atomically. */
const SECTOR_BYTES = 512;

/** Longest payload that is written or read, in bytes: a result envelope and its entry. */
export const PAYLOAD_LIMIT_BYTES = 2 << 20;

/** A record found in the file. */
export interface RecordFrame {
  readonly payload: Uint8Array;
  /** Offset of the payload in the file. */
  readonly payloadOffset: number;
  /** Length of the whole record. */
  readonly sizeBytes: number;
}

/** The whole records of a journal, and the torn one that a crash may leave at its end. */
export interface Scan {
  readonly frames: readonly RecordFrame[];
  /** Where the last whole record ends. */
  readonly endOffset: number;
  /** Bytes after that which belong to a record that was never finished. */
  readonly tornBytes: number;
}

/** The bytes of a record. */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  if (payload.length > PAYLOAD_LIMIT_BYTES)
    throw new FarcallError('JOURNAL_FAILED', `a record of ${payload.length} bytes is over the limit`);
  const frame = Buffer.alloc(HEADER_BYTES + payload.length + SUM_BYTES);
  MAGIC.copy(frame);
  frame.writeUInt32BE(payload.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  frame.set(payload, HEADER_BYTES);
  frame.set(sumOf(frame.subarray(0, HEADER_BYTES + payload.length)), HEADER_BYTES + payload.length);
  return frame;
}

/** Bytes between the start of a record and its payload. */
export const PAYLOAD_START_BYTES = HEADER_BYTES;

/**
 * All records in `bytes`, the content of a journal file.
 *
 * A crash during the write of the last record leaves its start, or zeros in place of its end. That tail is
 * reported as torn. Its entry never took effect, since nothing is done before its record is synced. Any other
 * damage throws JOURNAL_DAMAGED with the offset. Threat: if damage were taken for a torn tail, the host would
 * forget what has run, and a replayed order would run again.
 */
export function scanFrames(bytes: Uint8Array): Scan {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const frames: RecordFrame[] = [];
  let offset = 0;
  while (offset < file.length) {
    const frame = readFrame(file, offset);
    if (!frame) {
      if (isTorn(file, offset)) break;
      throw new FarcallError('JOURNAL_DAMAGED', `damaged at byte ${offset} of ${file.length}`);
    }
    frames.push(frame);
    offset += frame.sizeBytes;
  }
  return { frames, endOffset: offset, tornBytes: file.length - offset };
}

function readFrame(file: Buffer, offset: number): RecordFrame | undefined {
  const payloadBytes = readHeader(file, offset);
  if (payloadBytes === undefined) return undefined;
  const payloadOffset = offset + HEADER_BYTES;
  const sumOffset = payloadOffset + payloadBytes;
  const sum = file.subarray(sumOffset, sumOffset + SUM_BYTES);
  if (!sum.equals(sumOf(file.subarray(offset, sumOffset)))) return undefined;
  const payload = file.subarray(payloadOffset, sumOffset);
  return { payload, payloadOffset, sizeBytes: HEADER_BYTES + payloadBytes + SUM_BYTES };
}

/** The payload's length; undefined if there is no valid header at `offset`. */
function readHeader(file: Buffer, offset: number): number | undefined {
  const header = file.subarray(offset, offset + HEADER_BYTES);
  if (header.length < HEADER_BYTES || !header.subarray(0, 4).equals(MAGIC)) return undefined;
  if (header.readUInt32BE(8) !== crc32(header.subarray(0, 8))) return undefined;
  const payloadBytes = header.readUInt32BE(4);
  return payloadBytes <= PAYLOAD_LIMIT_BYTES ? payloadBytes : undefined;
}

/** Whether the bytes from `offset` on are the start of one record that a crash cut short. */
function isTorn(file: Buffer, offset: number): boolean {
  const restBytes = file.length - offset;
  if (restBytes < HEADER_BYTES) return true;
  const payloadBytes = readHeader(file, offset);
  if (payloadBytes !== undefined && restBytes < HEADER_BYTES + payloadBytes + SUM_BYTES) return true;
  // The file grew, but its last sectors never reached the disk.
  const lastSector = Math.max(offset, Math.floor((file.length - 1) / SECTOR_BYTES) * SECTOR_BYTES);
  return file.subarray(lastSector).every(byte => byte === 0);
}

function sumOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, SUM_BYTES);
}
