import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LoaderProcess } from '../../../agent/load/loader-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** A program in place of the loader: the real one would load a module into the kernel of this machine. */
function standIn(script: string): string {
  const path = join(temporaryDirectory(), 'loader');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o700);
  return path;
}

describe('a loader process', () => {
  test('a loader process gets sizes and image on its standard input, and its output is the reply', async () => {
    const loader = new LoaderProcess({
      executable: standIn('od -An -tx1 -v'),
      arch: 'x86_64',
      kernelLog: undefined,
    });
    await loader.started;
    loader.go(Uint8Array.of(0xaa, 0xbb, 0xcc), 24);
    const { reply, exitCode } = await loader.ended;
    expect(exitCode).toBe(0);
    expect(reply.toString().replace(/\s+/g, ' ').trim()).toBe(
      '18 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00 ' +
        'af 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00 aa bb cc',
    );
  });

  test('a loader process has answered when its whole reply is here, though it goes on', async () => {
    const script = 'cat >/dev/null; printf 0123456789abcdef; sleep 0.2; printf 01234567; exec sleep 1000';
    const loader = new LoaderProcess({ executable: standIn(script), arch: 'x86_64', kernelLog: undefined });
    await loader.started;
    loader.go(new Uint8Array(1), 8);
    const { reply } = await loader.answered;
    expect(reply.toString()).toBe('0123456789abcdef01234567');
    expect(loader.alive).toBe(true);
    process.kill(loader.pid!);
    expect((await loader.ended).signal).toBe('SIGTERM');
  });

  test('a loader process that ends with half a reply has answered with it', async () => {
    const loader = new LoaderProcess({
      executable: standIn('cat >/dev/null; printf half'),
      arch: 'x86_64',
      kernelLog: undefined,
    });
    loader.go(new Uint8Array(1), 24);
    expect((await loader.answered).reply.toString()).toBe('half');
  });

  test('a loader process that is dismissed sees the end of its input, and nothing before', async () => {
    const loader = new LoaderProcess({ executable: standIn('wc -c'), arch: 'x86_64', kernelLog: undefined });
    await loader.started;
    expect(loader.alive).toBe(true);
    loader.dismiss();
    expect((await loader.ended).reply.toString().trim()).toBe('0');
    expect(loader.alive).toBe(false);
  });

  test('a loader process that cannot be started says why, and nothing has run', async () => {
    const loader = new LoaderProcess({ executable: '/no/such/loader', arch: 'x86_64', kernelLog: undefined });
    await expect(loader.started).rejects.toMatchObject({ code: 'PERMISSION', message: /\/no\/such\/loader/ });
  });

  test('a loader process that is killed ends with its signal and an empty reply', async () => {
    const loader = new LoaderProcess({
      executable: standIn('kill -9 $$'),
      arch: 'x86_64',
      kernelLog: undefined,
    });
    loader.go(new Uint8Array(1), 24);
    expect(await loader.ended).toMatchObject({ signal: 'SIGKILL', exitCode: null });
  });

  test('a loader process does not inherit the environment of the agent', async () => {
    const loader = new LoaderProcess({
      executable: standIn('cat >/dev/null; tr "\\0" "\\n" </proc/self/environ | grep -c = '),
      arch: 'x86_64',
      kernelLog: undefined,
    });
    loader.go(new Uint8Array(1), 24);
    // The shell itself sets PWD and its like; nothing of ours is among them.
    expect(Number((await loader.ended).reply.toString())).toBeLessThanOrEqual(3);
  });
});
