// Joined into the program of a test (one-host.ts): counts every step by which the journal touches the
// disk, and does at one of them what FARCALL_TEST_FAULT says.
//
//   kill:N     SIGKILL to this process right before step N
//   fill:N     fills the file system of the journal right before step N, for good
//   pause:N    prints `paused` right before step N, and waits without end (for a power cut from outside)
//
// Instead of a number N can be the name of a step. The names of all steps are appended to the file
// FARCALL_TEST_STEPS. FARCALL_TEST_STATE names the state directory.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const {
  FARCALL_TEST_STATE: state = '',
  FARCALL_TEST_STEPS: stepsFile,
  FARCALL_TEST_FAULT: fault,
} = process.env;
const [action, at] = (fault ?? '').split(':');
const original = { ...fs };
const descriptors = new Map<number, string>();
let steps = 0;

/**
 * Marks a step of this process; the fault comes before it is done. Others than the journal's can be marked
 * too.
 */
export function step(name: string): void {
  const number = steps++;
  if (stepsFile) original.appendFileSync(stepsFile, `${name}\n`);
  if (String(number) !== at && name !== at) return;
  if (action === 'kill') process.kill(process.pid, 'SIGKILL');
  if (action === 'fill') fillDisk();
  if (action === 'pause') {
    original.writeSync(1, 'paused\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}

function fillDisk(): void {
  const descriptor = original.openSync(join(state, 'filler'), 'a');
  for (let size = 1 << 20; size >= 1; ) {
    try {
      original.writeSync(descriptor, Buffer.alloc(size, 1));
    } catch {
      size >>= 1;
    }
  }
}

function nameOf(path: string): string | undefined {
  if (path === state) return 'directory';
  return path.startsWith(join(state, 'journal')) ? path.slice(state.length + 1) : undefined;
}

fs.openSync = ((path: string, ...rest: [fs.OpenMode?]) => {
  const name = nameOf(String(path));
  if (name?.startsWith('journal')) step(`open ${name}`);
  const descriptor = original.openSync(path, rest[0] ?? 'r', 0o600);
  if (name) descriptors.set(descriptor, name);
  return descriptor;
}) as typeof fs.openSync;

fs.closeSync = descriptor => {
  descriptors.delete(descriptor);
  original.closeSync(descriptor);
};

for (const [method, verb] of [
  ['writeSync', 'write'],
  ['fsyncSync', 'sync'],
  ['ftruncateSync', 'truncate'],
] as const) {
  const call = original[method] as (descriptor: number, ...rest: unknown[]) => unknown;
  fs[method] = ((descriptor: number, ...rest: unknown[]) => {
    const name = descriptors.get(descriptor);
    if (name) step(`${verb} ${name}`);
    return call(descriptor, ...rest);
  }) as never;
}

fs.renameSync = (from, to) => {
  const name = nameOf(String(to));
  if (name) step(`rename ${name}`);
  original.renameSync(from, to);
};

syncBuiltinESMExports();
