import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROGRAMS } from '../../kit/fleet/controller-run.ts';

it.each(['farcall', 'farcall-agent', 'farcall-controller'])(
  '%s says in one line that its output cannot be written, and ends with 2',
  program => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(join(PROGRAMS, program), ['--help'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect(stderr).toMatch(
      new RegExp(`^${program}: the output cannot be written: no space left on device \\(ENOSPC\\); .*\n$`),
    );
    expect(status).toBe(2);
  },
);

it('farcall ends quietly when its reader does not want more', () => {
  const { status, stderr } = spawnSync(
    'bash',
    [
      '-c',
      `set -o pipefail; for i in $(seq 20); do "$0" help; done | true; exit "\${PIPESTATUS[0]}"`,
      join(PROGRAMS, 'farcall'),
    ],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
