import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { FarcallError } from '../../shared/errors/index.ts';
import { GO_BYTES } from '../compiler/index.ts';
import type { KernelLog } from '../kernel/index.ts';
import { newLogLines } from './log-lines.ts';

/** How a loader process ended. */
export interface LoaderEnd {
  /** What it wrote to its standard output. */
  readonly reply: Buffer;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Where a loader process finds what it needs. */
export interface LoaderFiles {
  /** The loader executable. */
  readonly executable: string;
  /** A path for the module, which does not exist yet. */
  readonly module: string;
  /** The kernel log; the loader moves it to its end just before the call. Closed when the process has ended. */
  readonly kernelLog: KernelLog | undefined;
}

/**
 * One loader process: started early, it waits on its standard input until a module is ready. Closing that input, or the
 * death of the agent, makes it exit with nothing done.
 */
export class LoaderProcess {
  /** Ends with the process, never with an error; to be looked at once `started` has held. */
  readonly ended: Promise<LoaderEnd>;
  /** Throws PERMISSION where the process could not be started: nothing has been run then. */
  readonly started: Promise<void>;

  readonly #child: ChildProcess;
  readonly #modulePath: string;
  readonly #kernelLog: KernelLog | undefined;

  constructor({ executable, module, kernelLog }: LoaderFiles) {
    this.#modulePath = module;
    this.#kernelLog = kernelLog;
    // finit_module refuses a file that anybody has open for writing, so the loader gets its own, read-only descriptor now,
    // and the module is written through another one that is closed again.
    writeFileSync(module, '', { mode: 0o600, flag: 'wx' });
    const descriptor = openSync(module, 'r');
    try {
      this.#child = spawn(executable, [], {
        stdio: ['pipe', 'pipe', 'ignore', descriptor, kernelLog?.fd ?? 'ignore'],
        env: {},
        cwd: '/',
      });
    } finally {
      closeSync(descriptor);
    }
    this.started = whenStarted(this.#child, executable);
    this.ended = whenEnded(this.#child).finally(() => rmSync(module, { force: true }));
    // A loader that nobody waits for must not keep the agent alive, nor end it by a broken pipe.
    this.started.catch(() => {});
    this.#child.stdin?.on('error', () => {});
  }

  /** Process id; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** WARNING: runs the module in the kernel. There is no way back after this. */
  go(image: Uint8Array, resultBytes: number): void {
    writeFileSync(this.#modulePath, image);
    const message = Buffer.alloc(GO_BYTES);
    message.writeBigUInt64LE(BigInt(resultBytes));
    this.#child.stdin?.end(message);
  }

  /** What the kernel logged since the call began, as far as it was not read before. */
  readKernelLog(): string[] {
    return this.#kernelLog ? newLogLines(this.#kernelLog) : [];
  }

  /** Closes the kernel log; the process must have ended. */
  close(): void {
    this.#kernelLog?.close();
  }

  /** Lets a waiting loader go home. One that has been told to go on is not stopped by this. */
  dismiss(): void {
    this.#child.stdin?.end();
  }
}

function whenStarted(child: ChildProcess, executable: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve());
    child.once('error', cause => {
      const message = `the loader ${executable} cannot be started (${cause.message}); is its directory mounted noexec?`;
      reject(new FarcallError('PERMISSION', message, { cause }));
    });
  });
}

function whenEnded(child: ChildProcess): Promise<LoaderEnd> {
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise(resolve => {
    child.once('close', (exitCode, signal) => resolve({ reply: Buffer.concat(chunks), exitCode, signal }));
    child.once('error', () => resolve({ reply: Buffer.alloc(0), exitCode: null, signal: null }));
  });
}
