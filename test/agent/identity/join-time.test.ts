import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostKeys } from '../../../agent/enrol/index.ts';
import { makeHostKey, noteJournal, openIdentity, recordJoinTime } from '../../../agent/identity/index.ts';
import { SITE } from '../../kit/cast.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const joinedAtMs = (stateDirectory: string): number =>
  openIdentity({ stateDirectory, host: 'web-01', site: SITE, labels: {} }).joinedAtMs;

function stateDirectory(): string {
  const directory = join(temporaryDirectory(), 'state');
  mkdirSync(directory, { mode: 0o700 });
  return directory;
}

test('a host knows when its keys were made, and keys that are there are not made younger', () => {
  const directory = stateDirectory();
  const { key } = hostKeys(directory, 1000);
  expect(joinedAtMs(directory)).toBe(1000);
  expect(hostKeys(directory, 2000).key.kid).toBe(key.kid);
  expect(joinedAtMs(directory)).toBe(1000);
  expect(statSync(join(directory, 'joined.json')).mode & 0o777).toBe(0o600);
});

test('a host without a recorded join time never gets one later', () => {
  const directory = stateDirectory();
  makeHostKey(directory);
  expect(joinedAtMs(directory)).toBe(0);
  hostKeys(directory, 2000);
  expect(joinedAtMs(directory)).toBe(0);
});

test.each(['', '{}', '{"joinedAtMs":-1}', '{"joinedAtMs":"now"}', '{"joinedAtMs":1,"x":1}'])(
  '%j is no time',
  text => {
    const directory = stateDirectory();
    makeHostKey(directory);
    writeFileSync(join(directory, 'joined.json'), text);
    expect(() => joinedAtMs(directory)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  },
);

test('a host that starts without a journal records that moment as its join time', () => {
  const directory = stateDirectory();
  makeHostKey(directory);
  expect(noteJournal(directory, false, 3000)).toBe(false);
  expect(joinedAtMs(directory)).toBe(0);
  recordJoinTime(directory, 1000);
  expect(noteJournal(directory, false, 3000)).toBe(false);
  expect(joinedAtMs(directory)).toBe(3000);
  expect(noteJournal(directory, true, 4000)).toBe(false);
  expect(joinedAtMs(directory)).toBe(3000);
  expect(noteJournal(directory, false, 5000)).toBe(true);
  expect(joinedAtMs(directory)).toBe(5000);
});
