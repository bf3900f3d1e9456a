import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { claimsIn } from './claims.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Source text in which quotes may be escaped. */
function sourceOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8').replace(/\\(['"`])/g, '$1');
}

describe('THREATS.md', () => {
  const claims = claimsIn(readFileSync(join(ROOT, 'THREATS.md'), 'utf8'));

  test('THREATS.md names a test for each claim', () => {
    expect(claims.length).toBeGreaterThan(50);
    expect(claims.filter(({ tests }) => tests.length === 0).map(({ text }) => text)).toEqual([]);
  });

  test('THREATS.md names tests that there are', () => {
    const missing = claims.flatMap(({ tests }) =>
      tests.filter(({ file, name }) => !existsSync(join(ROOT, file)) || !sourceOf(file).includes(name)),
    );
    expect(missing).toEqual([]);
  });

  test('THREATS.md would be found out', () => {
    const [claim] = claimsIn('- Cannot: fly. `test/house/threats.test.ts › a test that is not\n  here`\n');
    expect(claim?.tests).toEqual([{ file: 'test/house/threats.test.ts', name: 'a test that is not here' }]);
    expect(claimsIn('\n- Can: hide.\n')[0]?.tests).toEqual([]);
  });
});
