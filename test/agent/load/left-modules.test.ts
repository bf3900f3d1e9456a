import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LeftModules } from '../../../agent/load/index.ts';
import { LEFT_MODULES_LIMIT } from '../../../shared/messages/index.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const BOOT = '62453a31-1300-4c1b-9848-ccfbedef7f79';

/** A kernel whose modules and time the test sets, and what an agent says of it after each restart. */
function kernel() {
  const state = { names: [] as string[], running: new Set<string>(), nowMs: 1000 };
  const file = join(temporaryDirectory(), 'left-modules.json');
  const start = () =>
    new LeftModules({
      file,
      inKernel: () => state.names,
      running: () => state.running,
      nowMs: () => state.nowMs,
    });
  return { state, file, start };
}

test('a module that a call left is reported with the time at which it was noticed, also after a restart', () => {
  const { state, start } = kernel();
  const agent = start();
  state.names = ['farcall_a_1'];
  expect(agent.look(BOOT)).toEqual([{ name: 'farcall_a_1', sinceMs: 1000 }]);
  state.nowMs = 9000;
  state.names = ['farcall_b_1', 'farcall_a_1'];
  const both = [
    { name: 'farcall_a_1', sinceMs: 1000 },
    { name: 'farcall_b_1', sinceMs: 9000 },
  ];
  expect(agent.look(BOOT)).toEqual(both);
  state.nowMs = 20_000;
  expect(start().look(BOOT)).toEqual(both);
});

test('a module that a loader still runs is not left', () => {
  const { state, start } = kernel();
  const agent = start();
  state.names = ['farcall_a_1'];
  state.running.add('farcall_a_1');
  expect(agent.look(BOOT)).toEqual([]);
  state.running.clear();
  expect(agent.look(BOOT)).toHaveLength(1);
});

test('a host that has booted again has nothing left, and counts a module of the same name from then on', () => {
  const { state, start } = kernel();
  state.names = ['farcall_a_1'];
  start().look(BOOT);
  state.nowMs = 5000;
  expect(start().look('00000000-0000-4000-8000-000000000000')).toEqual([
    { name: 'farcall_a_1', sinceMs: 5000 },
  ]);
});

test('a host without leftovers writes no file, and one with many names as many as its facts take', () => {
  const { state, file, start } = kernel();
  const agent = start();
  agent.look(BOOT);
  expect(existsSync(file)).toBe(false);
  state.names = Array.from({ length: LEFT_MODULES_LIMIT + 5 }, (_, index) => `farcall_${index}_1`);
  expect(agent.look(BOOT)).toHaveLength(LEFT_MODULES_LIMIT);
});
