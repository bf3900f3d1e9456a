import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { FarcallError } from '../../shared/errors/index.ts';
import { syncDirectory } from '../../shared/files/index.ts';

/**
 * An append-only file of which it is always known what is on the disk.
 *
 * Its methods are synchronous: an intent must be on the disk before the next step, and nothing may run in
 * between.
 */
export class AppendFile {
  readonly #descriptor: number;
  #path: string;
  #sizeBytes: number;
  #broken: unknown;

  private constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
    fchmodSync(descriptor, 0o600);
    this.#sizeBytes = fstatSync(descriptor).size;
  }

  /** Opens `path`, and makes it (0600, its directory synced) where it is missing. Throws JOURNAL_FAILED. */
  static open(path: string): AppendFile {
    return attempt(path, 'opened', () => {
      const file = new AppendFile(path, openSync(path, 'a+', 0o600));
      syncDirectory(dirname(path));
      return file;
    });
  }

  get path(): string {
    return this.#path;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The whole content. */
  readAll(): Uint8Array {
    return attempt(this.#path, 'read', () => readFileSync(this.#path));
  }

  /** `length` bytes at `offset`. */
  read(offset: number, length: number): Uint8Array {
    return attempt(this.#path, 'read', () => {
      const bytes = Buffer.alloc(length);
      for (let done = 0; done < length; ) {
        const count = readSync(this.#descriptor, bytes, done, length - done, offset + done);
        if (count === 0) throw new Error(`it ends before byte ${offset + length}`);
        done += count;
      }
      return bytes;
    });
  }

  /**
   * Appends `bytes` and returns their offset; with `sync` they are on the disk when this returns. If this
   * throws JOURNAL_FAILED, the bytes were not appended.
   *
   * After a failed fsync the kernel may have dropped the pages, and the next fsync may succeed nevertheless,
   * so nobody knows what is on the disk. From then on every append fails until the file is opened again. The
   * same holds if a half-written record cannot be cut off.
   */
  append(bytes: Uint8Array, { sync }: { readonly sync: boolean }): number {
    this.checkUsable();
    const offset = this.#sizeBytes;
    attempt(this.#path, 'written', () => this.#write(bytes));
    this.#sizeBytes += bytes.length;
    if (sync) this.sync();
    return offset;
  }

  /** Throws JOURNAL_FAILED if every append fails from now on. */
  checkUsable(): void {
    if (this.#broken === undefined) return;
    throw new FarcallError('JOURNAL_FAILED', `${this.#path} failed before; repair it and restart the agent`, {
      cause: this.#broken,
    });
  }

  /** Waits until everything that was added is on the disk. */
  sync(): void {
    attempt(this.#path, 'synced', () => this.#orBreak(() => fsyncSync(this.#descriptor)));
  }

  /** Cuts the file off at `sizeBytes`. */
  truncate(sizeBytes: number): void {
    attempt(this.#path, 'truncated', () => {
      this.#orBreak(() => {
        ftruncateSync(this.#descriptor, sizeBytes);
        fsyncSync(this.#descriptor);
      });
      this.#sizeBytes = sizeBytes;
    });
  }

  /**
   * Puts this file in the place of the one at `path`; the content must have been synced. Throws where the old
   * file is still there. Where only its directory cannot be synced, nobody knows which of the two a crash
   * would leave: this one is then in its place, and every append to it fails.
   */
  replace(path: string): void {
    attempt(path, 'replaced', () => renameSync(this.#path, path));
    this.#path = path;
    try {
      syncDirectory(dirname(path));
    } catch (error) {
      this.#broken = error;
    }
  }

  /** Closes the file; every later append fails. */
  close(): void {
    this.#broken ??= new Error('it is closed');
    closeSync(this.#descriptor);
  }

  #write(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
    } catch (error) {
      this.#orBreak(() => ftruncateSync(this.#descriptor, this.#sizeBytes));
      throw error;
    }
  }

  #orBreak(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#broken = error;
      throw error;
    }
  }
}

function attempt<T>(path: string, what: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FarcallError('JOURNAL_FAILED', `${path} cannot be ${what}: ${reason}`, { cause });
  }
}
