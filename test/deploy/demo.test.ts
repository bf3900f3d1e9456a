import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../kit/eventually.ts';

const DEMO = fileURLToPath(new URL('../../deploy/demo/main.ts', import.meta.url));

/** The processes that have `text` in their command line. */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter(name => /^[0-9]+$/.test(name))
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}

it.each(['SIGHUP', 'SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
  'the demo leaves nothing behind after %s: no broker, no controller, no keys',
  async signal => {
    const temporary = mkdtempSync(join(tmpdir(), 'farcall-demo-test-'));
    onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
    const demo = spawn(process.execPath, [DEMO, '--keep', '--no-call', '--kernels', ''], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    demo.stdout.on('data', chunk => {
      output += String(chunk);
    });
    demo.stderr.on('data', chunk => {
      output += String(chunk);
    });
    await eventually('the demo keeps running', () => output.includes('The demo keeps running'));
    expect(output).toContain('The demo runs until you end it');
    const [folder] = readdirSync(temporary).filter(name => name.startsWith('farcall-demo-'));
    expect(existsSync(join(temporary, folder!, 'controller.key'))).toBe(true);
    expect(processesWith(folder!).length).toBeGreaterThan(1);
    const ended = once(demo, 'exit');
    demo.kill(signal);
    await ended;
    await eventually('no process of it is left', () => processesWith(folder!).length === 0);
    expect(readdirSync(temporary)).toEqual([]);
  },
);
