import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Import, importsBelow, ROOT } from './imports.ts';

const SIDES = ['agent', 'controller', 'shared'] as const;
const all = SIDES.flatMap(importsBelow);

function shown(imports: readonly Import[]): string[] {
  return imports.map(({ from, to }) => `${from} imports ${to}`);
}

test('there is something to look at', () => {
  expect(all.length).toBeGreaterThan(300);
});

test('shared imports neither side', () => {
  const wrong = all.filter(
    ({ from, to, isOurs }) => isOurs && from.startsWith('shared/') && !to.startsWith('shared/'),
  );
  expect(shown(wrong)).toEqual([]);
});

test('the agent imports nothing of the controller', () => {
  const wrong = all.filter(({ from, to }) => from.startsWith('agent/') && to.startsWith('controller/'));
  expect(shown(wrong)).toEqual([]);
});

test('the controller imports the door of agent/compiler and nothing else of the agent', () => {
  const wrong = all.filter(
    ({ from, to }) =>
      from.startsWith('controller/') && to.startsWith('agent/') && to !== 'agent/compiler/index.ts',
  );
  expect(shown(wrong)).toEqual([]);
});

test('nothing that ships imports tests, deployment or tools', () => {
  const wrong = all.filter(({ to }) => /^(test|deploy|tools)\//.test(to));
  expect(shown(wrong)).toEqual([]);
});

test('tools import neither what ships nor tests nor deployment', () => {
  const wrong = importsBelow('tools').filter(({ to, isOurs }) => isOurs && !to.startsWith('tools/'));
  expect(shown(wrong)).toEqual([]);
});

test('folders are entered by their door', () => {
  const wrong = [...all, ...importsBelow('tools')].filter(
    ({ from, to, isOurs }) => isOurs && entersByWindow(from, to),
  );
  expect(shown(wrong)).toEqual([]);
});

/** Whether the import reaches into a folder with a door, from outside of it, past the door. */
function entersByWindow(from: string, to: string): boolean {
  for (let folder = dirname(to); folder !== '.'; folder = dirname(folder)) {
    const door = join(folder, 'index.ts');
    if (!existsSync(join(ROOT, door)) || `${dirname(from)}/`.startsWith(`${folder}/`)) continue;
    if (to !== door) return true;
  }
  return false;
}

test('the compiler is pure: no files, processes, network, clock or chance', () => {
  const impure =
    /^node:(fs|child_process|net|tls|dgram|http|https|worker_threads|timers|crypto|perf_hooks|process)/;
  const wrong = all.filter(({ from, to }) => from.startsWith('agent/compiler/') && impure.test(to));
  expect(shown(wrong)).toEqual([]);
});

test('each library that could be swapped stays behind one door', () => {
  const homes: Readonly<Record<string, RegExp>> = {
    nats: /^(agent|controller)\/bus\//,
    jose: /^shared\/tokens\//,
    '@nats-io/jwt': /^controller\/broker\//,
    '@peculiar/x509': /^controller\/site\//,
    '@peculiar/asn1-cms': /^shared\/cms\//,
    kysely: /^controller\/store\//,
    pg: /^controller\/store\/postgres\//,
    protobufjs: /^shared\/messages\//,
    // A process locks a file by SQLite too: the one whole-file lock that Node has.
    'node:sqlite': /^(controller\/store\/sqlite|shared\/process-lock)\//,
  };
  const wrong = all.filter(({ from, to }) => homes[to] !== undefined && !homes[to].test(from));
  expect(shown(wrong)).toEqual([]);
});
