import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoName } from '../../shared/errno/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { replaceFile } from '../../shared/files/index.ts';
import { appendSignature } from '../../shared/module-signing/index.ts';
import {
  buildLoader,
  type CompiledModule,
  IMAGE_LIMIT_BYTES,
  REPLY_HEADER_BYTES,
  type ReportedRows,
  rowsAreNotAll,
} from '../compiler/index.ts';
import { ownModules } from '../kernel/index.ts';
import type { LoadReport } from '../stages/index.ts';
import { type LoaderExit, LoaderProcess } from './loader-process.ts';
import { classifyLoaderExit, withLeftModule } from './loader-reply.ts';
import { openKernelLogIfAllowed } from './log-lines.ts';
import { type OpenMemory, readReportedSoFar } from './reported-so-far.ts';

/** There is no such module. */
const ENOENT = 2;

/** The CPU and the directory of a {@link ModuleLoader}. */
export interface ModuleLoaderOptions {
  /** As `uname -m` says it. */
  readonly arch: string;
  /** A directory of the agent's own, on a file system that is not mounted noexec. */
  readonly directory: string;
  /** The kernel's memory, for the rows of calls that are not back in time; absent: those come late. */
  readonly openMemory?: OpenMemory;
  /** Names of farcall's modules in the kernel now. Default: {@link ownModules} of this machine. */
  readonly inKernel?: () => readonly string[];
}

/** How a module is loaded. */
export interface ModuleLoadOptions {
  readonly timeoutMs: number;
  /** DER of the signature over the image; undefined if it goes in unsigned. */
  readonly signature?: Uint8Array | undefined;
}

/**
 * Loads modules, one at a time, through loader processes. The process of the next call is started ahead of
 * time.
 */
export class ModuleLoader {
  readonly #executable: string;
  readonly #arch: string;
  readonly #inKernel: () => readonly string[];
  readonly #openMemory: OpenMemory | undefined;
  readonly #running = new Set<string>();
  #waiting: LoaderProcess | undefined;

  /** Writes the loader executable. Throws FILE_UNREADABLE if the directory cannot be written. */
  constructor(options: ModuleLoaderOptions) {
    this.#executable = writeLoader(options);
    this.#arch = options.arch;
    this.#inKernel = options.inKernel ?? ownModules;
    this.#openMemory = options.openMemory;
  }

  /** Names of the modules that loader processes run now, those that are not back in time among them. */
  get running(): ReadonlySet<string> {
    return this.#running;
  }

  /** Starts the loader process of the next call. */
  prepare(): void {
    // A loader that died while it waited (killed for want of memory, for example) says nothing about a call.
    if (this.#waiting?.alive === false) this.close();
    this.#waiting ??= new LoaderProcess({
      executable: this.#executable,
      arch: this.#arch,
      kernelLog: openKernelLogIfAllowed(),
    });
  }

  /** Ends the waiting loader process. */
  close(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.dismiss();
    void waiting?.ended.then(() => waiting.close());
  }

  /**
   * WARNING: runs code in the kernel. Loads the module of `call`, which makes its calls and is thrown away by
   * the kernel, and reports what came of it. A call that is not back after `timeoutMs` is reported as
   * timed-out with the kernel stack of its process and the rows that it has reported; it cannot be stopped,
   * and `late` resolves to its real outcome. Throws PERMISSION if no loader could be started; nothing has run
   * then.
   */
  async load(call: CompiledModule, { timeoutMs, signature }: ModuleLoadOptions): Promise<LoadReport> {
    const image = signature ? appendSignature(call.image, signature) : call.image;
    if (image.length > IMAGE_LIMIT_BYTES) {
      throw new FarcallError(
        'PROGRAM_TOO_LARGE',
        `the module has ${image.length} bytes; at most ${IMAGE_LIMIT_BYTES} load`,
      );
    }
    const startedAt = performance.now();
    const loader = await this.#takeLoader();
    const spawnUs = microsecondsSince(startedAt);
    this.#running.add(call.moduleName);
    loader.go(image, call.resultBytes);
    const done = loader.answered.then(end => {
      this.#running.delete(call.moduleName);
      const report = reportEnd(loader, end, { call, spawnUs, signed: signature !== undefined });
      return withLeftModule(report, end, { name: call.moduleName, inKernel: this.#inKernel });
    });
    const report = await withinTime(done, timeoutMs);
    if (report) return report;
    const reported = this.#openMemory && readReportedSoFar(call, this.#openMemory);
    return reportTimeout(loader, { spawnUs, timeoutMs, late: done, reported });
  }

  /**
   * Takes a module out of the kernel that stayed there; true if there was none of that name. Throws
   * PERMISSION if no loader could be started, and MODULE_REFUSED if the kernel keeps it.
   */
  async remove(moduleName: string): Promise<boolean> {
    const loader = await this.#takeLoader();
    loader.remove(moduleName);
    const { reply } = await loader.answered;
    loader.close();
    const error = reply.length < REPLY_HEADER_BYTES ? undefined : Number(-reply.readBigInt64LE(0));
    if (error === 0) return false;
    if (error === ENOENT) return true;
    throw new FarcallError(
      'MODULE_REFUSED',
      `delete_module ${moduleName}: ${error === undefined ? 'the loader said nothing' : `-${errnoName(error) ?? error}`}; the module stays in the kernel`,
    );
  }

  async #takeLoader(): Promise<LoaderProcess> {
    this.prepare();
    const loader = this.#waiting!;
    this.#waiting = undefined;
    await loader.started;
    return loader;
  }
}

interface Ended {
  readonly call: CompiledModule;
  readonly spawnUs: number;
  readonly signed: boolean;
}

function reportEnd(loader: LoaderProcess, end: LoaderExit, { call, spawnUs, signed }: Ended): LoadReport {
  const kernelLog = loader.readKernelLog();
  loader.close();
  return { ...classifyLoaderExit(end, call, { signed, kernelLog }), spawnUs, kernelLog };
}

interface TimedOut {
  readonly spawnUs: number;
  readonly timeoutMs: number;
  readonly late: Promise<LoadReport>;
  readonly reported: ReportedRows | undefined;
}

function reportTimeout(loader: LoaderProcess, { spawnUs, timeoutMs, late, reported }: TimedOut): LoadReport {
  const partly = reported ? rowsAreNotAll(reported) : '';
  const error = {
    code: 'CALL_TIMED_OUT',
    message: `not back after ${timeoutMs} ms; it is still in the kernel${partly}`,
  } as const;
  const kernelLog = [...loader.readKernelLog(), ...kernelStack(loader.pid)];
  const loadUs = timeoutMs * 1000;
  return { outcome: 'timed-out', error, ...reported, kernelLog, spawnUs, loadUs, late };
}

/** Writes the loader executable, atomically: another agent may be starting it. */
function writeLoader({ arch, directory }: ModuleLoaderOptions): string {
  const path = join(directory, 'loader');
  const bytes = buildLoader(arch);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (isSame(path, bytes)) return path;
    replaceFile(path, bytes, { mode: 0o700, concurrent: true });
    return path;
  } catch (cause) {
    throw new FarcallError(
      'FILE_UNREADABLE',
      `the loader cannot be written to ${directory}: ${String(cause)}`,
      { cause },
    );
  }
}

function isSame(path: string, bytes: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(bytes);
  } catch {
    return false;
  }
}

async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}

/** `[<0>] msleep+0x2d/0x40` for each frame: where the process is in the kernel (fs/proc/base.c, v6.12). */
function kernelStack(pid: number | undefined): string[] {
  try {
    const stack = readFileSync(`/proc/${pid}/stack`, 'utf8').trimEnd();
    return stack === '' ? [] : stack.split('\n').map(line => `stack: ${line}`);
  } catch {
    return ['stack: cannot be read (CAP_SYS_ADMIN is missing, or the process is gone)'];
  }
}

function microsecondsSince(startedAtMs: number): number {
  return Math.round((performance.now() - startedAtMs) * 1000);
}
