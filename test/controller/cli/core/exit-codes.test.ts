import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT, exitCodeOf, exitLines, exitTable } from '../../../../controller/cli/core/index.ts';

describe('exit codes', () => {
  it.each([
    ['CONFIG_INVALID', EXIT.usage],
    ['SELECTOR_INVALID', EXIT.usage],
    ['ROLLOUT_INVALID', EXIT.usage],
    ['FORBIDDEN', EXIT.refused],
    ['APPROVAL_REFUSED', EXIT.refused],
    ['NOT_FOUND', EXIT.refused],
    ['TOKEN_KEY_UNKNOWN', EXIT.refused],
    ['UNREACHABLE', EXIT.unreachable],
    ['STORE_FAILED', EXIT.unreachable],
    ['INTERNAL', EXIT.failed],
  ] as const)('the error %s gives the exit code %i', (code, exit) => {
    expect(exitCodeOf(code)).toBe(exit);
  });

  it('exit codes are all different, and all in the help', () => {
    const codes = Object.values(EXIT);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(exitLines().join('\n')).toMatch(new RegExp(`^ +${code} {2}\\S`, 'm'));
  });

  it('exit codes are listed in docs/guide/command-line.md as they are in the code', () => {
    const page = readFileSync(new URL('../../../../docs/guide/command-line.md', import.meta.url), 'utf8');
    expect(page).toContain(`

${exitTable()}

`);
  });
});
