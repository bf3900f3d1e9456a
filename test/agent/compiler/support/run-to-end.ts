import type { Interpretation } from '../../../../agent/compiler/interpreter/index.ts';

/** What a generator returns in the end. */
export function runToEnd<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value as T;
  }
}

/** The result area of a program, once it has ended. */
export function interpretToEnd(run: Interpretation): Uint8Array {
  while (!run.resume());
  return run.area;
}
