import { spawnSync } from 'node:child_process';

/** Where a program runs, and what it is given. */
export interface RunOptions {
  readonly cwd?: string;
  readonly input?: Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program, and gives what it prints. Throws with what it says if it fails or is not there. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { ...options, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr}`);
  return stdout;
}
