import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENTS } from '../../../controller/notify/index.ts';
import { type WebhookSettings, webhookOf } from '../../../controller/notify/webhook-of.ts';
import { freePort } from '../../../deploy/demo/service.ts';

const DOCUMENT = readFileSync(new URL('../../../docs/webhooks.md', import.meta.url), 'utf8');
const SECRETS = [1, 2].map(fill => `whsec_${Buffer.alloc(32, fill).toString('base64')}`);

it('docs/webhooks.md lists every kind of event with what it means', () => {
  const rows = [...DOCUMENT.matchAll(/^\| `([a-z-]+)` \| ([^|]*) \|$/gm)].map(([, kind, means]) => [
    kind,
    means,
  ]);
  expect(rows).toEqual(Object.entries(EVENTS));
});

describe('the receiver in docs/webhooks.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-receiver-'));
  const lines: string[] = [];
  let receiver: ReturnType<typeof spawn>;
  let url: string;

  beforeAll(async () => {
    const [, program = ''] = /```js\n([\s\S]*?)```/.exec(DOCUMENT) ?? [];
    writeFileSync(join(folder, 'receiver.mjs'), program);
    const PORT = String(await freePort());
    url = `http://127.0.0.1:${PORT}/`;
    receiver = spawn(process.execPath, ['receiver.mjs'], {
      ...{ cwd: folder, env: { WEBHOOK_SECRET: SECRETS[1]!, PORT }, stdio: ['ignore', 'pipe', 'inherit'] },
    });
    const output = createInterface(receiver.stdout!);
    output.on('line', line => lines.push(line));
    await once(output, 'line');
  });
  afterAll(() => {
    receiver.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const type = 'wave-passed' as const;
  const message = { type, timestamp: '2026-11-23T00:35:40.000Z', text: 'Request r: wave 1 passed', data: {} };
  const EVENT = { id: '17-00', kind: type, message };
  const send = (
    secret: string,
    { nowMs = Date.now(), ...settings }: { nowMs?: number } & Partial<WebhookSettings> = {},
  ) =>
    webhookOf(
      { name: 'chat', readUrl: () => url, readSecret: () => secret, ...settings },
      { nowMs: () => nowMs },
    ).send(EVENT, new AbortController().signal);

  it('the receiver in docs/webhooks.md takes a signed event, and shows it once however often it comes', async () => {
    await send(SECRETS[1]!);
    await send(SECRETS[1]!);
    expect(lines).toEqual(['listening', 'Request r: wave 1 passed']);
  });

  it('the receiver in docs/webhooks.md takes it while secrets are changed, and refuses another secret and an old event', async () => {
    await send(SECRETS.join('\n'));
    await expect(send(SECRETS[0]!)).rejects.toMatchObject({ message: 'the answer was 401' });
    await expect(send(SECRETS[1]!, { nowMs: Date.now() - 600_000 })).rejects.toMatchObject({
      message: 'the answer was 401',
    });
  });
});
