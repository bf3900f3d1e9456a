/**
 * A pause after each reload, as a multiple of its duration: a list of 10,000 hosts is not loaded each second.
 */
const PAUSE_FACTOR = 5;

/**
 * Reloads on request: one reload at a time, a pause after each, and one more for all requests in the
 * meantime.
 */
export class PacedReload {
  readonly #reload: () => Promise<unknown>;
  #isBusy = false;
  #isRequested = false;
  #isStopped = false;

  constructor(reload: () => Promise<unknown>) {
    this.#reload = reload;
  }

  request(): void {
    this.#isRequested = true;
    if (!this.#isBusy) void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    while (this.#isRequested && !this.#isStopped) {
      this.#isRequested = false;
      const startedMs = performance.now();
      await this.#reload();
      await new Promise(resolve => setTimeout(resolve, PAUSE_FACTOR * (performance.now() - startedMs)));
    }
    this.#isBusy = false;
  }
}
