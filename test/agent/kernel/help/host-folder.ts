import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { HostFiles } from '../../../../agent/kernel/index.ts';

/** A folder that looks like a host's /proc, /sys, /dev and /lib/modules; it goes when the test ends. */
export function hostFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
): HostFiles & { root: string } {
  const root = mkdtempSync(join(tmpdir(), 'farcall-host-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) writeIn(root, path, content);
  return {
    root,
    proc: join(root, 'proc'),
    sys: join(root, 'sys'),
    dev: join(root, 'dev'),
    modules: join(root, 'modules'),
  };
}

/** Writes one more file below `root`. */
export function writeIn(root: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}
