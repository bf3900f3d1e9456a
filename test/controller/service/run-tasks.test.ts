import pino from 'pino';
import { expect, it } from 'vitest';
import { taskRunner } from '../../../controller/service/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';

it('a task that fails does not keep others from running, is tried again, and is logged once for each reason', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: line => void lines.push(JSON.parse(line)) });
  const reasons = [
    'STORE_FAILED',
    'STORE_FAILED',
    'TRUST_EXPIRED',
    'UNREACHABLE',
    undefined,
    'STORE_FAILED',
  ] as const;
  let tries = 0;
  let others = 0;
  async function ailing(): Promise<void> {
    const reason = reasons[tries++];
    if (reason) throw new FarcallError(reason, 'not now');
  }
  const run = taskRunner([ailing, async () => void others++], { log });
  for (const _ of reasons) await run();
  expect(lines.map(({ level, task, code }) => [level, task, code])).toEqual([
    [40, 'ailing', 'STORE_FAILED'],
    [40, 'ailing', 'TRUST_EXPIRED'],
    [20, 'ailing', 'UNREACHABLE'],
    [40, 'ailing', 'STORE_FAILED'],
  ]);
  expect([tries, others]).toEqual([6, 6]);
});
