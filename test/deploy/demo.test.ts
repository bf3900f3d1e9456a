import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { KERNEL_SUITES } from '../../tools/machine/index.ts';
import { eventually } from '../kit/eventually.ts';
import { ptyShell } from '../kit/pty-shell.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEMO = join(ROOT, 'deploy/demo/main.ts');

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

/** A demo in a folder of its own, with all that it has said. */
function startedDemo() {
  const temporary = mkdtempSync(join(tmpdir(), 'farcall-demo-test-'));
  onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
  const demo = spawn(process.execPath, [DEMO, '--keep', '--no-call', '--kernels', ''], {
    env: { ...process.env, TMPDIR: temporary, HOME: temporary, XDG_STATE_HOME: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { output: '' };
  for (const stream of [demo.stdout, demo.stderr])
    stream.on('data', chunk => {
      said.output += String(chunk);
    });
  const folder = () => readdirSync(temporary).find(name => name.startsWith('farcall-demo-'));
  return { temporary, demo, said, folder };
}

/** The name of the program of a process; empty if it has ended. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

it.each(['SIGTERM', 'SIGKILL'] as const)(
  'the demo leaves nothing behind after %s: no broker, no controller, no keys',
  async signal => {
    const { temporary, demo, said, folder } = startedDemo();
    await eventually('the demo keeps running', () => said.output.includes('The demo keeps running'));
    expect(said.output).toContain('The demo runs until you end it');
    const name = folder()!;
    expect(existsSync(join(temporary, name, 'controller.key'))).toBe(true);
    expect(processesWith(name).length).toBeGreaterThan(1);
    const ended = once(demo, 'exit');
    demo.kill(signal);
    await ended;
    await eventually('no process of it is left', () => processesWith(name).length === 0);
    expect(readdirSync(temporary)).toEqual([]);
  },
);

it.each(['SIGHUP', 'SIGINT', 'SIGQUIT'] as const)(
  'the demo leaves nothing behind after %s while its broker starts: no broker, no keys',
  async signal => {
    const { temporary, demo, folder } = startedDemo();
    const name = await eventually('the demo has a folder', folder);
    await eventually('its broker runs', () =>
      processesWith(name).some(pid => commandOf(pid) === 'nats-server'),
    );
    const ended = once(demo, 'exit');
    demo.kill(signal);
    await ended;
    await eventually('no process of it is left', () => processesWith(name).length === 0);
    expect(readdirSync(temporary)).toEqual([]);
  },
);

it('the demo leaves nothing behind when its terminal is closed', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'farcall-demo-test-'));
  onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  const terminal = ptyShell(`${process.execPath} ${DEMO} --keep --no-call --kernels ''`, {
    cwd: ROOT,
    env: { PATH, NODE_COMPILE_CACHE, TMPDIR: temporary, HOME: temporary, TERM: 'xterm' },
  });
  await terminal.until(/The demo keeps running/);
  const [folder] = readdirSync(temporary).filter(name => name.startsWith('farcall-demo-'));
  expect(processesWith(folder!).length).toBeGreaterThan(1);
  await terminal.end();
  await eventually('no process of it is left', () => processesWith(folder!).length === 0);
  expect(readdirSync(temporary)).toEqual([]);
});

/** What the demo says to these arguments, and how it ends. */
function demoWith(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [DEMO, ...args], { encoding: 'utf8' });
}

it('the demo describes its options and what it needs, before anything is installed', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  // As npm appends what stands behind `--`.
  const { status, stdout } = spawnSync('sh', ['-c', `${scripts.demo} --keep --help`], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  for (const option of ['--keep', '--no-call', '--kernels', '--folder'])
    expect(stdout).toContain(`  ${option}`);
  expect(stdout).toMatch(/Node 20 or later.* of memory and .* of disk/);
  for (const series of Object.keys(KERNEL_SUITES)) expect(stdout).toContain(series);
  expect(demoWith('--help').stdout).toBe(stdout);
});

it.each([
  [
    'an option that it does not know',
    ['--wait'],
    "demo: Unknown option '--wait'; npm run demo -- --help lists",
  ],
  ['an argument', ['now'], "demo: Unexpected argument 'now'"],
  [
    'a kernel that it does not know',
    ['--kernels', '6.1,9.9'],
    "demo: --kernels: there is no kernel '9.9' here",
  ],
  ['a folder that exists', ['--folder', '/tmp'], 'demo: --folder: /tmp exists already; name a new folder'],
  ['a folder that cannot be made', ['--folder', '/proc/x/y'], 'demo: --folder: /proc/x/y cannot be made: '],
])('the demo refuses %s in one line, with exit code 2', (_what, args, message) => {
  const { status, stdout, stderr } = demoWith(...args);
  expect(stderr).toContain(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect([status, stdout]).toEqual([2, '']);
});
