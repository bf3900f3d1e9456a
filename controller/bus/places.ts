/** A number of places; who finds none waits for one, in the order of coming. */
export class Places {
  readonly #count: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  #empty: (() => void) | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  /** Takes a place, at once or when one is free. */
  async take(): Promise<void> {
    if (this.#taken < this.#count) {
      this.#taken++;
      return;
    }
    await new Promise<void>(resolve => this.#waiting.push(resolve));
  }

  /** Gives a place back; who has waited longest gets it. */
  free(): void {
    const next = this.#waiting.shift();
    if (next) return next();
    this.#taken--;
    if (this.#taken === 0) this.#empty?.();
  }

  /** Resolves when no place is taken. One may wait for this, when no more places are taken. */
  async allFree(): Promise<void> {
    if (this.#taken === 0) return;
    await new Promise<void>(resolve => {
      this.#empty = resolve;
    });
  }
}
