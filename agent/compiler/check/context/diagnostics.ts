import { type ErrorCode, FarcallError, type SourceLocation } from '../../../../shared/errors/index.ts';
import {
  excerptAt,
  isInProgram,
  locationOf,
  type Offset,
  programError,
  type SourceText,
  spelledAt,
} from '../../preprocessor/index.ts';

/** Something that a C compiler would warn about. */
export interface Warning extends SourceLocation {
  readonly message: string;
  /** The line of the program, and a caret below the location. */
  readonly excerpt: string;
}

/** Makes the errors and collects the warnings of one program; each carries its location in the text. */
export class Diagnostics {
  /** In the order in which they were found. */
  readonly warnings: Warning[] = [];
  readonly #source: SourceText;

  constructor(source: SourceText) {
    this.#source = source;
  }

  /** Adds a warning: this is valid C, but probably not what its author meant. */
  warn(at: Offset, message: string): void {
    const place = { ...locationOf(this.#source, at), excerpt: excerptAt(this.#source, at) };
    this.warnings.push({ ...place, message });
  }

  /** A PROGRAM_TYPE error at `at`, for what a C compiler would refuse. */
  typeError(at: Offset, message: string): FarcallError {
    return this.error('PROGRAM_TYPE', at, message);
  }

  /** An error at `at`. */
  error(code: ErrorCode, at: Offset, message: string): FarcallError {
    return programError(code, this.#source, at, message);
  }

  /**
   * Runs `work`. An error that it throws or returns is thrown, with the location of `at` if it has none yet.
   */
  located<T>(at: Offset, work: () => T): T {
    try {
      const result = work();
      if (result instanceof FarcallError) throw result;
      return result;
    } catch (error) {
      if (error instanceof FarcallError && !error.location) throw this.error(error.code, at, error.message);
      throw error;
    }
  }

  /** Whether `at` is in the program's own text, and not in a header. */
  isInProgram(at: Offset): boolean {
    return isInProgram(this.#source, at);
  }

  /** The line of `at`, counted from 1. */
  lineOf(at: Offset): number {
    return locationOf(this.#source, at).line;
  }

  /**
   * Whether the number at `at` is written in a notation that shows its bits: hexadecimal, octal or binary.
   */
  showsBits(at: Offset): boolean {
    return /^0[xXbB0-7]/.test(spelledAt(this.#source, at, 2));
  }
}
