import { type ChildProcess, spawn } from 'node:child_process';
import { FarcallError } from '../../shared/errors/index.ts';
import { GO_BYTES, REPLY_HEADER_BYTES } from '../compiler/index.ts';
import type { KernelLog } from '../kernel/index.ts';
import { newLogLines } from './log-lines.ts';

/** How a loader process ended. */
export interface LoaderExit {
  /** What it wrote to its standard output. */
  readonly reply: Buffer;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a loader process is started with. */
export interface LoaderProcessOptions {
  /** The loader executable. */
  readonly executable: string;
  /** The kernel log; the loader moves it to its end just before the call. Closed by `close`. */
  readonly kernelLog: KernelLog | undefined;
}

/**
 * One loader process: started early, it waits on its standard input for a module. Closing that input, or the
 * death of the agent, makes it exit with nothing done.
 */
export class LoaderProcess {
  /** Ends with the process, never with an error; to be looked at once `started` has held. */
  readonly ended: Promise<LoaderExit>;
  /**
   * Its reply as soon as all of it is here, or its end where that comes first. The call is over then, and
   * nothing is to be learnt from waiting for the exit of the process, which on a busy CPU comes milliseconds
   * later.
   */
  readonly answered: Promise<LoaderExit>;
  /** Throws PERMISSION where the process could not be started: nothing has been run then. */
  readonly started: Promise<void>;

  readonly #child: ChildProcess;
  readonly #kernelLog: KernelLog | undefined;
  #expectedBytes = Number.POSITIVE_INFINITY;

  constructor({ executable, kernelLog }: LoaderProcessOptions) {
    this.#kernelLog = kernelLog;
    this.#child = spawn(executable, [], {
      stdio: ['pipe', 'pipe', 'ignore', kernelLog?.fd ?? 'ignore'],
      env: {},
      cwd: '/',
    });
    this.started = whenStarted(this.#child, executable);
    const { ended, answered } = collectReply(this.#child, () => this.#expectedBytes);
    this.ended = ended;
    this.answered = answered;
    // A loader that nobody waits for must not end the agent by its own end.
    this.started.catch(() => {});
    this.#child.stdin?.on('error', () => {});
  }

  /** Process id; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it still runs, as far as is known. */
  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** WARNING: runs the module in the kernel. There is no way back after this. */
  go(image: Uint8Array, resultBytes: number): void {
    this.#expectedBytes = REPLY_HEADER_BYTES + resultBytes;
    const message = Buffer.alloc(GO_BYTES);
    message.writeBigUInt64LE(BigInt(resultBytes), 0);
    message.writeBigUInt64LE(BigInt(image.length), 8);
    this.#child.stdin?.end(Buffer.concat([message, image]));
  }

  /** What the kernel logged since the call began, as far as it was not read before. */
  readKernelLog(): string[] {
    return this.#kernelLog ? newLogLines(this.#kernelLog) : [];
  }

  /** Closes the kernel log; the process must have answered or ended. */
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

function collectReply(
  child: ChildProcess,
  expectedBytes: () => number,
): { readonly ended: Promise<LoaderExit>; readonly answered: Promise<LoaderExit> } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const answered = Promise.withResolvers<LoaderExit>();
  const ended = Promise.withResolvers<LoaderExit>();
  const end = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
    const how = { reply: Buffer.concat(chunks), exitCode, signal };
    ended.resolve(how);
    answered.resolve(how);
  };
  child.stdout?.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < expectedBytes()) return;
    answered.resolve({ reply: Buffer.concat(chunks), exitCode: null, signal: null });
  });
  child.once('close', end);
  child.once('error', () => end(null, null));
  return { ended: ended.promise, answered: answered.promise };
}
