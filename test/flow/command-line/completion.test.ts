import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import { type PtyShell, ptyShell } from '../../kit/pty-shell.ts';

const FARCALL = fileURLToPath(new URL('../../../deploy/bin/farcall', import.meta.url));

/**
 * How each shell starts without a person's settings, the lines that set it up, and whether it shows
 * descriptions.
 */
const SHELLS = {
  bash: {
    command: 'bash --norc --noprofile -i',
    settings: [
      "PS1='READY> '",
      "bind 'set show-all-if-ambiguous on' 2>/dev/null; bind 'set enable-bracketed-paste off'",
      'source <(farcall completion bash)',
    ],
    hasDescriptions: false,
  },
  zsh: {
    command: 'zsh -f -i',
    settings: [
      "PS1='READY> '; unsetopt zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste",
      'autoload -Uz compinit; compinit -u -D',
      'source <(farcall completion zsh)',
    ],
    hasDescriptions: true,
  },
  fish: {
    command: 'fish --no-config -i',
    settings: ["function fish_prompt; echo 'READY> '; end", 'farcall completion fish | source'],
    hasDescriptions: true,
  },
} as const;

const TAB = '\t';
const [TO_BEGIN, TO_END, KILL_LINE] = ['\u0001', '\u0005', '\u0015'];

describe('completion', () => {
  let fleet: Fleet;
  let folder: string;
  let id: string;

  beforeAll(async () => {
    fleet = await startFleet({
      hosts: { 'web-1': { env: 'prod', role: 'web' }, 'web-2': { env: 'prod', role: 'db' } },
    });
    ({ id } = await fleet.controller.requested('f()', '--hosts', '*', '--reason', 'INC-17: wake'));
    folder = mkdtempSync(join(tmpdir(), 'farcall-completion-'));
    mkdirSync(join(folder, 'bin'));
    symlinkSync(FARCALL, join(folder, 'bin/farcall'));
    writeFileSync(join(folder, 'only.key'), '');
  });

  afterAll(async () => {
    await fleet?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  describe.each(Object.keys(SHELLS) as (keyof typeof SHELLS)[])('in %s', name => {
    const { command, settings, hasDescriptions } = SHELLS[name];
    let shell: PtyShell;

    beforeAll(async () => {
      const env = {
        ...{ ...fleet.controller.env('alice'), HOME: folder, TERM: 'xterm', LANG: 'C.UTF-8' },
        PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      };
      shell = ptyShell(command, { cwd: folder, env });
      // A shell may drop what was typed before its first prompt, when it takes the terminal over.
      await shell.until(/[>$%#] *$/);
      for (const [index, line] of settings.entries()) {
        shell.send(`${line}; echo SET-"${index}"\r`);
        await shell.until(new RegExp(`\\nSET-${index}\\n`));
      }
    });

    afterAll(() => shell?.end());

    /** The line after TAB was pressed at the end of `typed`, as the shell itself splits it. */
    const completed = async (typed: string): Promise<string> => {
      shell.send(`${typed}${TAB}`);
      shell.send(`${TO_BEGIN}printf '<%s>' LINE ${TO_END}; echo\r`);
      return (await shell.until(/<LINE>(<.*>)\n/))[1] ?? '';
    };
    const words = (...all: string[]): string => ['farcall', ...all].map(word => `<${word}>`).join('');

    it('the shell completes commands and their options', async () => {
      expect(await completed('farcall appr')).toBe(words('approve'));
      expect(await completed('farcall trust pub')).toBe(words('trust', 'publish'));
      expect(await completed('farcall request --late')).toBe(words('request', '--late-joiners'));
    });

    it('the shell completes values of options', async () => {
      expect(await completed('farcall request --effect wr')).toBe(words('request', '--effect', 'write'));
      expect(await completed('farcall retry x --only returned,load-e')).toBe(
        words('retry', 'x', '--only', 'returned,load-error'),
      );
      expect(await completed('farcall report x --filter outcome=load-e')).toBe(
        words('report', 'x', '--filter', 'outcome=load-error'),
      );
    });

    it('the shell completes requests and hosts that the controller has', async () => {
      // A shell goes without the controller's names if these come too late for a person who types.
      await expect.poll(() => completed('farcall watch ')).toBe(words('watch', id));
      await expect.poll(() => completed('farcall host remove web-2')).toBe(words('host', 'remove', 'web-2'));
    });

    it('the shell completes labels and their values, within quotes too', async () => {
      await expect.poll(() => completed('farcall hosts en')).toBe(words('hosts', 'env='));
      for (const typed of ['farcall hosts env=prod,role=w', "farcall hosts 'env=prod,role=w"])
        await expect.poll(() => completed(typed)).toBe(words('hosts', 'env=prod,role=web'));
    });

    it('the shell completes file names', async () => {
      expect(await completed('farcall key show on')).toBe(words('key', 'show', 'only.key'));
    });

    it('the shell lists several candidates, with descriptions if it supports them', async () => {
      const keys = `farcall hosts env=prod,role=${TAB}`;
      shell.send(keys);
      await shell.until(
        hasDescriptions ? /(web|db)\W+1 host[\s\S]*(web|db)\W+1 host/ : /(web|db)\s+(web|db)\s/,
        { keys: `${TO_END}${KILL_LINE}${keys}`, everyMs: 20_000 },
      );
      // Not Ctrl-C, because the shell may read the text after it first.
      shell.send(`${TO_BEGIN}: ${TO_END}; echo GONE-"ON"\r`);
      await shell.until(/\nGONE-ON\n/);
    });

    it('without a controller the shell completes nothing and prints no error', async () => {
      const typed = 'farcall watch --config none.json ';
      expect(await completed(`${typed}x`)).toBe(words('watch', '--config', 'none.json', 'x'));
    });
  });
});
