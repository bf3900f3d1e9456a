import { describe, expect, it } from 'vitest';
import { Names, stepsOf } from './tutorial-session.ts';

describe('what a tutorial shows', () => {
  it('what a tutorial shows is held against what is printed, loosely where it says so', () => {
    const names = new Names();
    const shown = 'Request abc123abc123 for 2 hosts\n…\n  web-1  …  (int)17\n';
    const printed = 'Request zzz999zzz999 for 2 hosts\nnoise\n\n  web-1     returned   (int)17\n';
    expect(names.agree(shown, printed)).toBe(true);
    expect(names.agree(shown, printed.replace('17', '18'))).toBe(false);
    expect(names.agree(shown, printed.replace('zzz999zzz999', 'other9other9'))).toBe(false);
    expect(names.agree('done\n', 'done\nand more\n')).toBe(false);
    expect(names.inCommand('farcall watch abc123abc123')).toBe('farcall watch zzz999zzz999');
  });

  it('what a tutorial shows knows a digest by its beginning', () => {
    const names = new Names();
    expect(names.agree(`sha256:${'a'.repeat(64)}\n`, `sha256:${'b'.repeat(64)}\n`)).toBe(true);
    expect(names.inCommand('--digest sha256:aaaaaaaaaaaaaaaa')).toBe('--digest sha256:bbbbbbbbbbbbbbbb');
  });

  it('what a tutorial shows is commands with prompts, in blocks', () => {
    const text = 'x\n```console\n$ one\nout\nbob$ two    # ends with 3\n```\n\n```js\n$ no\n```\n';
    expect(stepsOf(text)).toEqual([
      { person: '', command: 'one', expected: 'out\n', code: 0 },
      { person: 'bob', command: 'two    # ends with 3', expected: '', code: 3 },
    ]);
  });
});
