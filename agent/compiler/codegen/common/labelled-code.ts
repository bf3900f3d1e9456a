import { ByteWriter } from '../../bytes/index.ts';
import type { Relocation } from './back-end.ts';

/** A label: a position in the code that jumps go to. */
export type CodeLabel = number;

/** Code with labels: what the assemblers of all CPUs have in common. */
export abstract class LabelledCode {
  readonly code = new ByteWriter();
  readonly relocations: Relocation[] = [];
  readonly #labels: (number | undefined)[] = [];

  label(): CodeLabel {
    return this.#labels.push(undefined) - 1;
  }

  /** Binds the label: its address is the current end of the code. */
  bind(label: CodeLabel): void {
    this.#labels[label] = this.code.length;
  }

  /** The offset of the label. Throws an Error if it is not bound yet. */
  offsetOf(label: CodeLabel): number {
    const offset = this.#labels[label];
    if (offset === undefined) throw new Error(`label ${label} is not bound`);
    return offset;
  }

  /** Writes the distances of all jumps; every label must be bound. */
  abstract resolveJumps(): void;
}
