import type { SourceLocation } from '../../../shared/errors/index.ts';

/** What a {@link SourceFile} is made of. */
export interface SourceFileInput {
  readonly text: string;
  /** Offset of its first character. */
  readonly start: number;
  /** Of a header; the program itself has none. */
  readonly name: string | undefined;
  /** Where the `#include` stands. */
  readonly includedAt: number;
}

/** One text, and where its lines begin. */
export class SourceFile {
  readonly text: string;
  readonly start: number;
  readonly name: string | undefined;
  readonly includedAt: number;
  #lines: readonly number[] | undefined;

  constructor({ text, start, name, includedAt }: SourceFileInput) {
    this.text = text;
    this.start = start;
    this.name = name;
    this.includedAt = includedAt;
  }

  /** Line and column of an offset, both from 1. */
  locationOf(offset: number): SourceLocation {
    const at = Math.min(Math.max(0, offset - this.start), this.text.length);
    const index = this.#lineIndex(at);
    return { line: index + 1, column: at - this.#starts[index]! + 1 };
  }

  /** The line that holds an offset. */
  lineAt(offset: number): string {
    const at = Math.min(Math.max(0, offset - this.start), this.text.length);
    const from = this.#starts[this.#lineIndex(at)]!;
    const end = this.text.indexOf('\n', from);
    return this.text.slice(from, end < 0 ? undefined : end);
  }

  get #starts(): readonly number[] {
    if (this.#lines) return this.#lines;
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#lines = starts;
    return starts;
  }

  /** Number of the last line that starts at or before `at`. */
  #lineIndex(at: number): number {
    const starts = this.#starts;
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= at) low = middle;
      else high = middle;
    }
    return low;
  }
}
