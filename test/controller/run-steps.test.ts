import pino from 'pino';
import { expect, it } from 'vitest';
import { stepRunner } from '../../controller/run-steps.ts';
import { FarcallError } from '../../shared/errors/index.ts';

it('a step that fails stops no other, is tried again, and is logged once for each reason', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: line => void lines.push(JSON.parse(line)) });
  const reasons = ['UNREACHABLE', 'UNREACHABLE', 'TRUST_EXPIRED', undefined, 'UNREACHABLE'] as const;
  let tries = 0;
  let others = 0;
  async function ailing(): Promise<void> {
    const reason = reasons[tries++];
    if (reason) throw new FarcallError(reason, 'not now');
  }
  const run = stepRunner([ailing, async () => void others++], { log });
  for (const _ of reasons) await run();
  expect(lines.map(({ step, code }) => [step, code])).toEqual([
    ['ailing', 'UNREACHABLE'],
    ['ailing', 'TRUST_EXPIRED'],
    ['ailing', 'UNREACHABLE'],
  ]);
  expect([tries, others]).toEqual([5, 5]);
});
