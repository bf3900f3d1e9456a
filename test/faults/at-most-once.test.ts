import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeHostKey } from '../../agent/identity/index.ts';
import { temporaryDirectory } from '../agent/support/temporary-directory.ts';
import { deliveredBy, linesOf, makeHome, runHost } from './support/host-home.ts';

/** A host with one order that waits for it. */
async function newHome(): Promise<string> {
  const home = temporaryDirectory();
  const kit = makeHome(home);
  writeFileSync(join(home, 'orders', '1'), (await kit.order()).envelope);
  return home;
}

/** All steps of an undisturbed run, in order; each is a place at which something can happen. */
const STEPS = [
  // The journal is opened, read, and begun.
  ...['open journal', 'sync directory', 'open journal'],
  ...['sync journal', 'write journal', 'write journal', 'sync journal'],
  // Intent, call, outcome.
  ...['write journal', 'sync journal', 'load begins', 'load ends', 'write journal', 'sync journal'],
  // The note that it is committed, and the compaction behind it.
  ...[
    'delivery begins',
    'write journal',
    'open journal.new',
    'sync directory',
    'write journal.new',
    'write journal.new',
  ],
  ...['write journal.new', 'write journal.new', 'sync journal.new', 'rename journal', 'sync directory'],
];
const INTENT = 7;
const LOAD = 9;
const OUTCOME = 11;

/**
 * What must come of a run that was killed before step `index`: the outcome, and how often the call was made.
 */
function expectedAt(index: number): { outcome: string; loads: number } {
  if (index <= INTENT) return { outcome: 'returned', loads: 1 };
  if (index <= LOAD) return { outcome: 'unknown', loads: 0 };
  return { outcome: index <= OUTCOME ? 'unknown' : 'returned', loads: 1 };
}

const cases = STEPS.map((name, index) => ({ name, index }));

test('an undisturbed run takes these steps, makes the call once, and says so once', async () => {
  const home = await newHome();
  expect(await runHost(home)).toBe(0);
  expect(linesOf(home, 'steps')).toEqual(STEPS);
  expect(linesOf(home, 'loads')).toHaveLength(1);
  expect(deliveredBy(home)).toMatchObject([{ outcome: 'returned' }]);
  expect(await runHost(home)).toBe(0);
  expect(linesOf(home, 'loads')).toHaveLength(1);
  expect(deliveredBy(home)).toHaveLength(1);
});

describe('killed with SIGKILL right before a step, and started again', () => {
  test.each(cases)('$index: $name', async ({ index }) => {
    const home = await newHome();
    expect(await runHost(home, `kill:${index}`)).toBe('SIGKILL');
    expect(await runHost(home)).toBe(0);
    const { outcome, loads } = expectedAt(index);
    expect(linesOf(home, 'loads')).toHaveLength(loads);
    const delivered = deliveredBy(home);
    expect(new Set(delivered.map(each => each.outcome))).toEqual(new Set([outcome]));
    expect(new Set(delivered.map(each => each.resultDigest)).size).toBe(1);
  });
});

describe.skipIf(process.getuid?.() !== 0)('the disk full from a step on (needs root for a tmpfs)', () => {
  // Before a sync it is full for the write that comes next.
  test.each(cases.filter(({ name }) => !name.startsWith('sync')))('$index: $name', async ({ index }) => {
    const home = await newHome();
    const state = join(home, 'state');
    mkdirSync(state, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', state]);
    onTestFinished(() => void execFileSync('umount', ['-l', state]));
    makeHostKey(state);
    const ended = await runHost(home, `fill:${index}`);
    expect([0, 1]).toContain(ended);
    const before = deliveredBy(home);
    rmSync(join(state, 'filler'), { force: true });
    expect(await runHost(home)).toBe(0);
    const all = deliveredBy(home);
    expect(linesOf(home, 'loads')).toHaveLength(1);
    expect(all[0]).toMatchObject({ outcome: before.length > 0 || index <= INTENT ? 'returned' : 'unknown' });
  });
});
