/** One host's reply to a query: as it was signed, and what it says. */
export interface HostReply<Signed, Content> {
  readonly signed: Signed;
  readonly content: Content;
}

/** The replies to one query, as they come in. Disposing of it ends the waiting. */
export class AwaitedReplies<Signed, Content> implements Disposable {
  readonly #hosts: ReadonlySet<string>;
  readonly #close: () => void;
  readonly #replies = new Map<string, HostReply<Signed, Content>>();
  #wake: () => void = () => undefined;

  /** Waits for one reply of each of `hosts`; `close` is called when nobody waits any longer. */
  constructor(hosts: readonly string[], close: () => void) {
    this.#hosts = new Set(hosts);
    this.#close = close;
  }

  /** How many hosts have replied. */
  get count(): number {
    return this.#replies.size;
  }

  /** Whether every host that was asked has replied. */
  get isComplete(): boolean {
    return this.#replies.size === this.#hosts.size;
  }

  /** The replies so far, in the order of their hosts' names. */
  inOrder(): HostReply<Signed, Content>[] {
    return [...this.#replies.entries()]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, reply]) => reply);
  }

  /** Whether a reply of `host` is still missing. */
  awaits(host: string): boolean {
    return this.#hosts.has(host) && !this.#replies.has(host);
  }

  /** Takes a verified reply of `host`. Only the first one counts. */
  accept(host: string, reply: HostReply<Signed, Content>): void {
    if (!this.awaits(host)) return;
    this.#replies.set(host, reply);
    this.#wake();
  }

  /** Resolves with the next reply, after `limitMs`, or when `signal` is aborted. */
  async next(limitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>(resolve => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      this.#wake = done;
      signal.addEventListener('abort', done);
    });
  }

  /** Resolves when every host has replied, after `limitMs`, or when `signal` is aborted. */
  async complete(limitMs: number, signal: AbortSignal): Promise<void> {
    const endMs = performance.now() + limitMs;
    while (!this.isComplete && !signal.aborted && performance.now() < endMs)
      await this.next(endMs - performance.now(), signal);
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}
