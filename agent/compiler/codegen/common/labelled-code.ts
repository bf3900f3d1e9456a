import { ByteWriter } from '../../bytes/index.ts';
import type { Relocation } from './back-end.ts';

/** A place in the code that jumps go to. */
export type CodeLabel = number;

/** Code with places in it: what the assemblers of all CPUs have in common. */
export abstract class LabelledCode {
  readonly code = new ByteWriter();
  readonly relocations: Relocation[] = [];
  readonly #labels: (number | undefined)[] = [];

  label(): CodeLabel {
    return this.#labels.push(undefined) - 1;
  }

  /** The label is here. */
  bind(label: CodeLabel): void {
    this.#labels[label] = this.code.length;
  }

  /** Where the label is, once it has been placed. */
  offsetOf(label: CodeLabel): number {
    const offset = this.#labels[label];
    if (offset === undefined) throw new Error(`label ${label} is not bound`);
    return offset;
  }

  /** Writes the distances of all jumps; every label must have its place. */
  abstract resolveJumps(): void;
}
