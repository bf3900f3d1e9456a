import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import type { Orders, Replies } from './guest-orders.ts';

/** How a program in a guest carries out each of its orders. */
export type Answers<Kinds extends keyof Orders> = {
  readonly [Kind in Kinds]: (order: Orders[Kind]) => Promise<Replies[Kind]>;
};

/**
 * Takes orders on standard input, a line of JSON each, and answers each with a line. Resolves at the end of
 * the input.
 */
export async function serveOrders<Kinds extends keyof Orders>(answers: Answers<Kinds>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(await answer(line, answers))}\n`);
}

/** How each of the programs carries out the order of that name. */
export async function flush(): Promise<null> {
  flushCompileCache();
  return null;
}

async function answer<Kinds extends keyof Orders>(line: string, answers: Answers<Kinds>): Promise<object> {
  try {
    const order: Orders[Kinds] = JSON.parse(line);
    const act = answers[order.do as Kinds];
    return { reply: await act(order) };
  } catch (error) {
    return { threw: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
