import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const FARCALL = fileURLToPath(new URL('../bin/farcall', import.meta.url));

/** How a command ended. */
export interface CommandEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface CommandOptions {
  /** Configuration of the person who types. Commands that need no controller need none. */
  readonly configFile?: string;
  /** Is called with output as it arrives. */
  readonly show?: (text: string) => void;
}

/** Runs `farcall ARGS` as a person would, in a separate process. */
export function farcall(
  args: readonly string[],
  { configFile, show }: CommandOptions = {},
): Promise<CommandEnd> {
  const env = { ...process.env, ...(configFile === undefined ? {} : { FARCALL_CONFIG: configFile }) };
  return ended(spawn(FARCALL, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'] }), show);
}

/** Runs a program that must succeed, and returns its standard output. */
export async function mustRun(program: string, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await ended(
    spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  if (exitCode === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${exitCode}: ${stderr || stdout}`);
}

function ended(
  child: ChildProcessByStdio<null, Readable, Readable>,
  show?: (text: string) => void,
): Promise<CommandEnd> {
  const taken = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      taken[stream] += text;
      show?.(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => resolve({ exitCode: code ?? 1, ...taken }));
  });
}

/** The same for a command that must succeed; returns its standard output. */
export async function mustFarcall(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await farcall(args, options);
  if (exitCode === 0) return stdout;
  throw new Error(`farcall ${args.join(' ')} ended with ${exitCode}: ${stderr || stdout}`);
}
