import { type ChildProcess, spawn } from 'node:child_process';
import { FarcallError } from '../../shared/errors/index.ts';
import { DELETE_AT_ONCE, GO_BYTES, MODULE_CALLS, REPLY_HEADER_BYTES } from '../compiler/index.ts';
import type { KernelLog } from '../kernel/index.ts';
import { newLogLines } from './log-lines.ts';

/** How a loader process ended. */
export interface LoaderExit {
  /** The bytes that the loader wrote to its standard output. */
  readonly reply: Buffer;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The executable of a loader process and the log that it inherits. */
export interface LoaderProcessOptions {
  /** The loader executable. */
  readonly executable: string;
  /** Its CPU, as `uname -m` says it. */
  readonly arch: string;
  /** The kernel log; the loader moves it to its end just before the call. Closed by `close`. */
  readonly kernelLog: KernelLog | undefined;
}

/**
 * One loader process. It is started early and waits on its standard input for a module. If that input is
 * closed, or the agent dies, it exits without doing anything.
 */
export class LoaderProcess {
  /** Resolves when the process ends, and never rejects. To be awaited after `started`. */
  readonly ended: Promise<LoaderExit>;
  /**
   * Resolves to its reply as soon as it is complete, or to its exit if that comes first. The call is over
   * then. The exit of the process tells nothing more, and on a busy CPU it comes milliseconds later.
   */
  readonly answered: Promise<LoaderExit>;
  /** Rejects with PERMISSION if the process could not be started; nothing has run then. */
  readonly started: Promise<void>;

  readonly #calls: { readonly init: number; readonly delete: number };
  readonly #child: ChildProcess;
  readonly #kernelLog: KernelLog | undefined;
  #expectedBytes = Number.POSITIVE_INFINITY;

  constructor({ executable, arch, kernelLog }: LoaderProcessOptions) {
    const calls = Object.hasOwn(MODULE_CALLS, arch) ? MODULE_CALLS[arch] : undefined;
    if (!calls) throw new FarcallError('KERNEL_LACKS', `farcall has no loader for ${arch}`);
    this.#calls = calls;
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
    // An exit that nobody awaits must not end the agent with an unhandled rejection.
    this.started.catch(() => {});
    this.#child.stdin?.on('error', () => {});
  }

  /** Process id; undefined if it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it still runs, as far as this process was told. */
  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** WARNING: runs the module in the kernel. This cannot be undone. */
  go(image: Uint8Array, resultBytes: number): void {
    this.#call(this.#calls.init, image.length, { first: image, resultBytes });
  }

  /** Takes a module out that stayed in the kernel; its exit function runs. */
  remove(moduleName: string): void {
    this.#call(this.#calls.delete, DELETE_AT_ONCE, { first: Buffer.from(`${moduleName}\0`), resultBytes: 0 });
  }

  #call(
    systemCall: number,
    argument: number,
    { first, resultBytes }: { readonly first: Uint8Array; readonly resultBytes: number },
  ): void {
    this.#expectedBytes = REPLY_HEADER_BYTES + resultBytes;
    const message = Buffer.alloc(GO_BYTES);
    for (const [index, word] of [resultBytes, first.length, systemCall, argument].entries())
      message.writeBigUInt64LE(BigInt(word), index * 8);
    this.#child.stdin?.end(Buffer.concat([message, first]));
  }

  /** The lines that the kernel logged since the call began, except those that were read before. */
  readKernelLog(): string[] {
    return this.#kernelLog ? newLogLines(this.#kernelLog) : [];
  }

  /** Closes the kernel log; the process must have answered or ended. */
  close(): void {
    this.#kernelLog?.close();
  }

  /** Ends a waiting loader. A loader that was given a module does not stop. */
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
    const exit = { reply: Buffer.concat(chunks), exitCode, signal };
    ended.resolve(exit);
    answered.resolve(exit);
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
