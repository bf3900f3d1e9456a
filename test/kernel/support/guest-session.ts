import { createInterface } from 'node:readline';
import type { GuestProcess, Machine } from '../../../tools/machine/index.ts';
import type { Orders, Replies } from './guest-orders.ts';
import { guestScript } from './guest-script.ts';

/** A program in a guest that carries out one order after the other: starting Node for each takes seconds. */
export class GuestSession<Kinds extends keyof Orders> implements AsyncDisposable {
  readonly #process: GuestProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #errors: string[] = [];

  private constructor(process: GuestProcess) {
    this.#process = process;
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
    process.stderr.on('data', chunk => this.#errors.push(String(chunk)));
    process.exited.then(
      () => process.stdout.end(),
      () => process.stdout.end(),
    );
  }

  static async start<Kinds extends keyof Orders>(
    machine: Machine,
    source: string,
  ): Promise<GuestSession<Kinds>> {
    return new GuestSession(machine.start(await guestScript(machine, source)));
  }

  /** Rejects with what the program threw, or with its last words where it has ended. */
  async ask<Kind extends Kinds>(order: Orders[Kind] & { readonly do: Kind }): Promise<Replies[Kind]> {
    this.#process.writeStdin(`${JSON.stringify(order)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the program in the guest ended at '${order.do}': ${this.#errors.join('')}`);
    const { reply, threw } = JSON.parse(value) as { reply: Replies[Kind]; threw?: string };
    if (threw !== undefined) throw new Error(`in the guest, at '${order.do}': ${threw}`);
    return reply;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.endStdin();
    await this.#process.exited.catch(() => {});
  }
}
