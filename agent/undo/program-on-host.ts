import { undoneRequest } from '../../shared/undo/index.ts';
import type { WriteLog, WrittenByRequest } from './write-log.ts';

/** What a host knows when it makes a program of an undo. */
export interface UndoContext {
  readonly writes: Pick<WriteLog, 'of'>;
  readonly bootId: () => string;
}

/**
 * The program that runs on this host for `program`. For an undo it is one that puts back what the request
 * wrote here, newest first; every other program is itself. Throws FILE_UNREADABLE.
 *
 * Threat: an undo names a request and nothing else, so that nobody can have a host write what it never held.
 * Only what this host itself has recorded since it started is put back, and only where the value that the
 * request wrote still stands.
 */
export function programOnHost(program: string, { writes, bootId }: UndoContext): string {
  const id = undoneRequest(program);
  if (id === undefined) return program;
  const written = writes.of(id);
  if (!written) return nothingToUndo(`request ${id} wrote nothing here that this host remembers`);
  if (written.bootId !== bootId()) return nothingToUndo('this host has started again since');
  if (written.writes.length === 0) return nothingToUndo(`what request ${id} wrote here was not recorded`);
  return puttingBack(written);
}

function nothingToUndo(reason: string): string {
  return `"nothing to undo: ${reason}"`;
}

/** How the loop below reaches a value: its type, by the number of bytes. */
const TYPES = {
  8: 'unsigned long',
  4: 'unsigned int',
  2: 'unsigned short',
  1: 'unsigned char',
} as const;

/** Added to the size of a value that is not aligned, which no CPU exchanges in one step. */
const UNALIGNED = 16;

type Written = WrittenByRequest['writes'][number];

function sizeOf({ address, bytes }: Written): number {
  return BigInt(address) % BigInt(bytes) === 0n ? bytes : UNALIGNED + bytes;
}

/** The statement that puts back values of one size, if the value that was written still stands. */
function exchangeOf(size: number): string {
  const type = TYPES[(size % UNALIGNED) as keyof typeof TYPES];
  const value = (name: string): string => `(${type})${name}[i]`;
  const exchange =
    size < UNALIGNED
      ? `found = cmpxchg((${type} *)at[i], ${value('after')}, ${value('before')});`
      : `{ found = *(${type} *)at[i]; if (found == after[i]) *(${type} *)at[i] = ${value('before')}; }`;
  return `  if (size[i] == ${size}) ${exchange}`;
}

function puttingBack({ writes, isPartial }: WrittenByRequest): string {
  const newestFirst = writes.toReversed();
  const sizes = newestFirst.map(sizeOf);
  const list = (values: readonly (string | number)[]): string => `{ ${values.join(', ')} }`;
  const partly = isPartial ? '; the request may have written more than was recorded' : '';
  return [
    `unsigned long at[] = ${list(newestFirst.map(({ address }) => address))};`,
    `unsigned long after[] = ${list(newestFirst.map(each => each.after))};`,
    `unsigned long before[] = ${list(newestFirst.map(each => each.before))};`,
    `unsigned char size[] = ${list(sizes)};`,
    'int conflicts = 0;',
    `for (int i = 0; i < ${newestFirst.length}; i++) {`,
    '  unsigned long found = 0;',
    ...[...new Set(sizes)].map(exchangeOf),
    '  if (found != after[i] && found != before[i]) conflicts++;',
    '  report(written = (void *)at[i],',
    '         outcome = found == after[i] ? "restored" : found == before[i] ? "unchanged" : "conflict",',
    '         found, was = after[i], restored = before[i]);',
    '}',
    `conflicts == 0 ? "undone${partly}" : "conflict: somebody else has written since${partly}"`,
  ].join('\n');
}
