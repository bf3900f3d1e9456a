import type { Temp, WriteSite } from './blocks/index.ts';
import type { Lowering } from './lowering.ts';

/** A write that is about to be done, or was done. */
export interface RecordedScalar extends WriteSite {
  readonly address: Temp;
  readonly before: Temp;
  readonly after: Temp;
}

/** Most writes of one program that are recorded. Behind them one more says that there were others. */
export const WRITES_RECORDED = 512;

/** Most places of a program whose writes are recorded: each makes its code longer. */
const SITES_RECORDED = 256;

/** The record of a write: its address, where the program's own memory begins, the value before, and after. */
export const WRITE_RECORD = { ADDRESS: 0, OWN: 8, BEFORE: 16, AFTER: 24, BYTES: 32 } as const;

/** Room for the records of a program that writes, with their headers. */
export const WRITES_BYTES = (WRITES_RECORDED + 1) * (WRITE_RECORD.BYTES + 8);

/**
 * Records a write to kernel memory as a row of its own kind, so that it can be shown and taken back. A write
 * through a pointer into the program's own memory is recorded too; readers know by the address. Bodies of
 * watches record nothing: they run on many CPUs at once, and as often as a function is entered.
 */
export function recordWrite(lowering: Lowering, { address, before, after, ...site }: RecordedScalar): void {
  if (!recordsWrites(lowering)) return;
  if (lowering.writes.length === SITES_RECORDED) return lowering.noteUnrecorded();
  const { builder } = lowering;
  const { count, record } = lowering.needWriteLog();
  const number = lowering.writes.push(site) - 1;
  const [some, done] = [builder.block(), builder.block()];
  const soFar = builder.load(count);
  const isMore = builder.binary('ule', soFar, builder.constant(BigInt(WRITES_RECORDED)));
  builder.branchInto(isMore, some, done);
  builder.store(count, builder.binary('add', soFar, builder.constant(1n)));
  builder.store(record + WRITE_RECORD.ADDRESS, address);
  builder.store(record + WRITE_RECORD.OWN, builder.local(0));
  builder.store(record + WRITE_RECORD.BEFORE, before);
  builder.store(record + WRITE_RECORD.AFTER, after);
  const reportIndex = lowering.firstWriteSite + number;
  builder.emit({ op: 'row', reportIndex, from: record, bytes: WRITE_RECORD.BYTES });
  builder.jumpInto(done);
}

/** Whether writes are recorded here. The program notes those in bodies of its watches, which are not. */
export function recordsWrites({ target, watch }: Lowering): boolean {
  watch?.program.noteUnrecorded();
  return target === 'module' && watch === undefined;
}
