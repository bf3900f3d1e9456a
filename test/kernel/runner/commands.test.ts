import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Machine, sharedMachine } from '../../../tools/machine/index.ts';

let machine: Machine;
beforeAll(async () => {
  machine = await sharedMachine('6.1');
});

describe('run', () => {
  test('run keeps stdout, stderr and exit code apart', async () => {
    const result = await machine.run('echo out; echo err >&2; exit 3');
    expect(result).toEqual({ stdout: 'out\n', stderr: 'err\n', exitCode: 3 });
  });

  test('run passes words as they are', async () => {
    const words = ['a b', '$HOME', "it's", '', '\n', 'ü'];
    expect((await machine.run(['printf', '[%s]', ...words])).stdout).toBe(
      words.map(word => `[${word}]`).join(''),
    );
  });

  test('run sets variables and the working directory', async () => {
    const { stdout } = await machine.run('echo "$PWD $COLOUR"', { cwd: '/proc', env: { COLOUR: 'red=1' } });
    expect(stdout).toBe('/proc red=1\n');
  });

  test('a signal gives 128 and its number', async () => {
    expect((await machine.run('kill -TERM $$')).exitCode).toBe(143);
  });

  test('a program that does not exist gives 127 and says so', async () => {
    const { exitCode, stderr } = await machine.run(['no-such-program']);
    expect([exitCode, stderr]).toEqual([127, 'cannot run no-such-program: No such file or directory\n']);
  });

  test('run carries megabytes in both directions', async () => {
    const data = Buffer.alloc(3_000_000, 'farcall ');
    const { stdout } = await machine.run('cat', { stdin: data });
    expect(Buffer.from(stdout).equals(data)).toBe(true);
  });

  test('run does not wait for what a program left in the background', async () => {
    expect(await machine.run('sleep 60 & echo started')).toEqual({
      stdout: 'started\n',
      stderr: '',
      exitCode: 0,
    });
  });

  test('a program that never stops writing in the background is not waited for', async () => {
    const { stdout } = await machine.run('echo y; yes & sleep 0.2');
    expect(stdout).toMatch(/^y\n/);
    // It may have ended by itself, when nobody read from its pipe any more.
    await machine.output('pkill -9 yes || true');
  });

  test('several run at once', async () => {
    const names = [1, 2, 3, 4, 5, 6].map(n => `/tmp/at-once-${n}`);
    const areThere = names.map(name => `[ -e ${name} ]`).join(' && ');
    // Each ends only when all have begun.
    const run = (name: string): Promise<string> =>
      machine.output(`touch ${name}; until ${areThere}; do sleep 0.1; done; echo ${name}`);
    expect(await Promise.all(names.map(run))).toEqual(names.map(name => `${name}\n`));
  });

  test('run kills the program and all that it started when its time is over', async () => {
    const command = 'sleep 4321 & sleep 4321';
    await expect(machine.run(command, { timeoutMs: 500 })).rejects.toThrow(
      /'sleep 4321 .*' did not end within 500 ms/,
    );
    expect((await machine.run('pgrep -f "sleep 432[1]"')).stdout).toBe('');
  });
});

test('output rejects with stderr when the program fails', async () => {
  await expect(machine.output('echo no luck >&2; exit 1')).rejects.toThrow(
    /ended with 1 in the guest: no luck/,
  );
});

test('start gives a program to talk to', async () => {
  const program = machine.start(['cat']);
  const echoed = text(program.stdout);
  program.writeStdin('one ');
  program.writeStdin('two');
  program.endStdin();
  expect(await program.exited).toEqual({ exitCode: 0, signal: null });
  expect(await echoed).toBe('one two');
});

test('a started program can be killed', async () => {
  const program = machine.start(['sleep', '1000']);
  program.kill(15);
  expect(await program.exited).toEqual({ exitCode: null, signal: 15 });
});

test('files that a guest writes stay in the guest', async () => {
  const path = join(import.meta.dirname, 'written-by-guest');
  const data = Uint8Array.from({ length: 1000 }, (_, index) => index & 255);
  await machine.writeFile(path, data, { mode: 0o700 });
  expect(Uint8Array.from(await machine.readFile(path))).toEqual(data);
  expect((await machine.output(['stat', '-c', '%a', path])).trim()).toBe('700');
  expect(existsSync(path)).toBe(false);
});

test('the console shows what the kernel logs', async () => {
  await machine.output('echo "<3>a line for the log" > /dev/kmsg');
  await machine.console.waitFor('a line for the log');
});

test('a shared machine stands still when nothing runs in it, and goes on when something is to run', async () => {
  await machine.output('true');
  await expect.poll(() => machine.isPaused()).toBe(true);
  const started = machine.start(['sleep', '1000']);
  expect(await machine.isPaused()).toBe(false);
  started.kill();
  await started.exited;
  await expect.poll(() => machine.isPaused()).toBe(true);
});

test('a shared machine stands still between the lines of a program that answers lines, and goes on for the next', async () => {
  const program = machine.start(['cat'], { restsBetweenLines: true });
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  for (const line of ['one', 'two']) {
    program.writeStdin(`${line}\n`);
    expect(await lines.next()).toEqual({ value: line, done: false });
    await expect.poll(() => machine.isPaused()).toBe(true);
  }
  program.endStdin();
  expect(await program.exited).toEqual({ exitCode: 0, signal: null });
});
