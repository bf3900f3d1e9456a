import {
  DENIED_CALLER,
  DENIED_CALLER_BYTES,
  DENIED_CALLERS,
  DENY_STATE,
  DENY_STATE_BYTES,
} from '../compiler/index.ts';
import { HOST_FILES, type HostFiles } from '../kernel/index.ts';
import type { DenyCounts, DenyLayout } from '../stages/index.ts';
import { addressOfArea, type OpenMemory } from './reported-so-far.ts';

const NS_PER_MS = 1_000_000n;

/** Bytes of `comm` in struct task_struct. */
const COMM_BYTES = 16;

/**
 * What the denies of a module that stays have counted, read from its own memory; undefined where the kernel
 * does not say where that is, or does not let it be read.
 *
 * A caller that was written meanwhile has another number before and after, and is left out.
 */
export function readDenyCounts(
  moduleName: string,
  places: readonly DenyLayout[],
  { openMemory, files = HOST_FILES }: { readonly openMemory: OpenMemory; readonly files?: HostFiles },
): readonly DenyCounts[] | undefined {
  try {
    const start = addressOfArea(moduleName, files);
    if (start === undefined) return undefined;
    using memory = openMemory();
    const counts = places.map(({ stateAt, missedAt }) => {
      const read = (): Buffer => Buffer.from(memory.read(start + BigInt(stateAt), DENY_STATE_BYTES));
      const missed = Buffer.from(memory.read(start + BigInt(missedAt), 8)).readBigUInt64LE();
      return { ...countsIn(read(), read()), missed };
    });
    return addressOfArea(moduleName, files) === start ? counts : undefined;
  } catch {
    return undefined;
  }
}

function countsIn(before: Buffer, state: Buffer): Omit<DenyCounts, 'missed'> {
  const callers = Array.from({ length: DENIED_CALLERS }, (_, index) => {
    const at = DENY_STATE.callers + index * DENIED_CALLER_BYTES;
    const number = state.readBigUInt64LE(at + DENIED_CALLER.number);
    return {
      at,
      number,
      isWhole: number > 0n && before.readBigUInt64LE(at + DENIED_CALLER.number) === number,
    };
  });
  return {
    hits: state.readBigUInt64LE(DENY_STATE.hits),
    abandoned: state.readBigUInt64LE(DENY_STATE.abandoned),
    isPlaced: state.readBigUInt64LE(DENY_STATE.placed) === 1n,
    errno: -state.readInt32LE(DENY_STATE.error),
    untilUptimeMs: Number(state.readBigUInt64LE(DENY_STATE.until) / NS_PER_MS),
    callers: callers
      .filter(({ isWhole }) => isWhole)
      .sort((one, other) => (one.number < other.number ? 1 : -1))
      .map(({ at }) => ({
        pid: state.readInt32LE(at + DENIED_CALLER.pid),
        tgid: state.readInt32LE(at + DENIED_CALLER.tgid),
        uid: state.readUInt32LE(at + DENIED_CALLER.uid),
        comm: commIn(state.subarray(at + DENIED_CALLER.comm, at + DENIED_CALLER.comm + COMM_BYTES)),
        atUptimeMs: Number(state.readBigUInt64LE(at + DENIED_CALLER.atNs) / NS_PER_MS),
      })),
  };
}

/** Threat: a process gives itself a name that acts on the terminal of who reads it. */
function commIn(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes
    .subarray(0, end < 0 ? bytes.length : end)
    .toString('latin1')
    .replace(/[^ -~]/g, '.');
}
