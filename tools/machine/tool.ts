import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** How `runTool` starts a program. */
export interface ToolOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/**
 * Runs a program of the host and returns its stdout. Throws with the command line and the last lines of
 * stderr when it is missing or exits with anything but 0.
 */
export async function runTool(program: string, args: string[], options: ToolOptions = {}): Promise<string> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | string | null>((resolve, reject) => {
      child.once('error', cause =>
        reject(new Error(`${program} cannot be started; npm run setup -- --for test installs it`, { cause })),
      );
      child.once('close', (code, signal) => resolve(code ?? signal));
    }),
  ]);
  if (status === 0) return stdout;
  throw new Error(`${[program, ...args].join(' ')} ended with ${status}:\n${lastLines(stderr, 12)}`);
}

/** The last `count` lines of `text`. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
