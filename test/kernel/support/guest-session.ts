import { createInterface } from 'node:readline';
import type { GuestProcess, Machine } from '../../../tools/machine/index.ts';
import type { Orders, Replies } from './guest-orders.ts';
import { guestScript } from './guest-script.ts';

/** A program in a guest that carries out one order after the other: starting Node for each takes seconds. */
export class GuestSession<Kinds extends keyof Orders> {
  /** Resolves when the program has ended, however that came about. */
  readonly ended: Promise<void>;
  readonly #process: GuestProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #errors: string[] = [];

  private constructor(process: GuestProcess) {
    this.#process = process;
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
    process.stderr.on('data', chunk => this.#errors.push(String(chunk)));
    const end = (): void => {
      process.stdout.end();
    };
    this.ended = process.exited.then(end, end);
  }

  static async start<Kinds extends keyof Orders>(
    machine: Machine,
    source: string,
  ): Promise<GuestSession<Kinds>> {
    const command = await guestScript(machine, source);
    return new GuestSession(machine.start(command, { restsBetweenLines: true }));
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
}
