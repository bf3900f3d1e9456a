import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOST_KEY_FILE, makeHostKey, openIdentity } from '../../../agent/identity/index.ts';
import { SITE } from '../../kit/cast.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

function open(stateDirectory: string) {
  makeHostKey(stateDirectory);
  return openIdentity({ stateDirectory, host: 'web-01', site: SITE, labels: { env: 'test' } });
}

test('the key is made once, for its owner only', () => {
  const directory = temporaryDirectory();
  const first = open(directory);
  expect(open(directory).key.kid).toBe(first.key.kid);
  expect(statSync(join(directory, HOST_KEY_FILE)).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual([HOST_KEY_FILE]);
});

test('a half-written key of an earlier start is replaced', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, `${HOST_KEY_FILE}.new`), '{"kty":', { mode: 0o600 });
  expect(open(directory).key.kid).toHaveLength(43);
});

test('a key that others may read is refused', () => {
  const directory = temporaryDirectory();
  open(directory);
  chmodSync(join(directory, HOST_KEY_FILE), 0o644);
  expect(() => open(directory)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
});

test('a host without a key is told how it gets one', () => {
  const options = { stateDirectory: temporaryDirectory(), host: 'web-01', site: SITE, labels: {} };
  expect(() => openIdentity(options)).toThrow(/farcall-agent enrol makes it/);
});

test('the name of a host is its label "host"', () => {
  expect(open(temporaryDirectory()).labels).toEqual({ env: 'test', host: 'web-01' });
});
