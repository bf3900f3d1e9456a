import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSecrets, signatureHeaders } from '../../../controller/notify/sign-event.ts';
import { eventually } from '../../kit/eventually.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { NatsServer } from '../../kit/fleet/nats-server.ts';
import type { StandInHost } from '../../kit/fleet/stand-in-host.ts';
import { startReceiver, type WebhookReceiver } from '../../kit/receivers/webhook-receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const PROGRAM = '_printk("hi\\n")';
const REQUEST = [PROGRAM, '--hosts', 'env=demo', '--reason', 'say hi'];
const BEGIN = ['request-created', 'approval-added', 'approval-added', 'request-approved', 'wave-started'];
/**
 * In either order: the request is over with its last host, and its one wave is judged then or just before.
 */
const END = ['request-finished', 'wave-passed'];

describe('webhooks of a controller', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let host: StandInHost;
  let chat: WebhookReceiver;
  let pager: WebhookReceiver;
  const beganMs = Date.now();

  beforeAll(async () => {
    pager = await startReceiver();
    const startChat = async ({ folder }: NatsServer) => {
      const pem = (file: string): string => readFileSync(join(folder, file), 'utf8');
      return startReceiver({ cert: pem('api.pem'), key: pem('api-key.pem') });
    };
    fleet = await startFleet({
      hosts: { 'demo-1': { env: 'demo' } },
      async config(nats) {
        chat = await startChat(nats);
        const secretFile = join(nats.folder, 'webhook.secret');
        writeFileSync(secretFile, `${SECRET}\n`, { mode: 0o600 });
        const webhooks = [
          { name: 'chat', url: chat.url, secretFile, caFile: nats.caFile },
          { name: 'pager', url: pager.url, secretFile, kinds: ['rollout-stopped', 'awaiting-promotion'] },
        ];
        return { webhooks, metrics: { listen: '127.0.0.1:0' }, logLevel: 'debug' };
      },
    });
    controller = fleet.controller;
    host = fleet.host('demo-1');
  });

  afterAll(async () => {
    await fleet?.stop();
    await Promise.all([chat, pager].map(each => each?.die()));
  });

  /** A request whose order the host has answered; its id. */
  const answered = async (...options: string[]): Promise<string> => {
    const id = await controller.approved(...REQUEST, ...options);
    expect(await host.answer(await host.nextOrder(id))).toMatchObject({ committed: true });
    return id;
  };
  const told = (receiver: WebhookReceiver, id: string) =>
    receiver.taken.filter(({ json }) => json.data.request === id).map(({ json }) => json);
  const heard = (receiver: WebhookReceiver, id: string, kind: string) =>
    eventually(`${kind} of ${id}`, () => told(receiver, id).find(({ type }) => type === kind));
  /** Everything about a request of one wave came, each once. */
  const heardAll = async (id: string): Promise<void> => {
    for (const kind of END) await heard(chat, id, kind);
    expect(kinds(chat, id).slice(0, BEGIN.length)).toEqual(BEGIN);
    expect(kinds(chat, id).slice(BEGIN.length).sort()).toEqual(END);
  };
  const kinds = (receiver: WebhookReceiver, id: string) => told(receiver, id).map(({ type }) => type);

  it('webhooks of a controller are told what happens to a request, signed, in order and each once, with nothing of its program', async () => {
    const id = await answered();
    await heardAll(id);
    expect(told(chat, id).find(({ type }) => type === 'request-finished')).toMatchObject({
      text: `Request ${id} of alice (call, say hi): finished (1 returned)`,
      data: { requester: 'alice', outcomes: { returned: 1 } },
    });
    expect(chat.taken.map(({ body }) => body).join()).not.toContain('_printk');
    for (const { headers, body } of chat.taken) {
      const signed = { id: headers['webhook-id']!, timestampS: Number(headers['webhook-timestamp']), body };
      expect(headers).toMatchObject(signatureHeaders(signed, parseSecrets(SECRET, 'test')));
      expect(signed.timestampS).toBeGreaterThanOrEqual(Math.floor(beganMs / 1000));
      expect(signed.timestampS).toBeLessThanOrEqual(Date.now() / 1000);
    }
    expect(new Set(chat.taken.map(({ headers }) => headers['webhook-id'])).size).toBe(chat.taken.length);
  });

  it('webhooks of a controller are told only the kinds that they ask for: here that a person must promote, and that a gate failed', async () => {
    const id = await controller.approved(...REQUEST, '--wave', '1; manual', '--max-failed', '0');
    const order = await host.nextOrder(id);
    expect(await host.answer(order, { outcome: 'faulted' } as never)).toMatchObject({ committed: true });
    await heard(pager, id, 'rollout-stopped');
    expect(kinds(pager, id)).toEqual(['rollout-stopped']);
  });

  it('webhooks of a controller that fail, lead elsewhere, hang and die keep no rollout waiting, and lose nothing', async () => {
    chat.behave('fail');
    const ids = [await answered()];
    await controller.logged(
      line => line.msg.includes('did not take') && line['reason'] === 'the answer was 503',
    );
    chat.behave('redirect');
    ids.push(await answered());
    await controller.logged(line => line['reason'] === 'the answer was 307');
    chat.behave('hang');
    const triesBefore = chat.tries();
    await eventually('a try that hangs', () => chat.tries() > triesBefore);
    ids.push(await answered());
    expect(
      JSON.parse((await controller.farcallHere('alice', ['report', ids[2]!, '--json'])).stdout),
    ).toMatchObject({
      request: { status: { state: 'finished' } },
    });
    const listen = (await controller.logged(line => line.msg.startsWith('metrics and probes')))['listen'];
    const metrics = await (await fetch(`http://${listen}/metrics`)).text();
    expect(metrics).toMatch(/farcall_controller_webhook_failed_total\{webhook="chat"\} [2-9]/);
    expect(metrics).toMatch(/farcall_controller_webhook_waiting_seconds\{webhook="chat"\} [0-9.]*[1-9]/);
    expect(metrics).toMatch(/farcall_controller_webhook_sent_total\{webhook="pager"\} 1\n/);
    await chat.die();
    await controller.logged(line => line['webhook'] === 'chat' && line['reason'] === 'ECONNRESET');
    chat.behave('take');
    await chat.start();
    for (const id of ids) await heardAll(id);
    const seqs = chat.taken.map(({ json }) => json.data.seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  });

  it('webhooks of a controller lose nothing when the controller is killed while an event is on its way', async () => {
    chat.behave('hang');
    const triesBefore = chat.tries();
    const id = await controller.approved(...REQUEST);
    await eventually('an event on its way', () => chat.tries() > triesBefore);
    await controller.kill();
    chat.behave('take');
    await controller.start();
    await host.hello();
    const order = await eventually('the order', async () => (await host.queryOrders())[0]);
    expect(await host.answer(order)).toMatchObject({ committed: true });
    await heardAll(id);
  });

  it('webhooks of a controller leave a store in which nothing is wrong, and neither secret nor address in the log', async () => {
    const verified = await controller.auditVerify();
    expect(verified.stdout).toContain('nothing is wrong');
    const log = JSON.stringify(controller.log);
    expect(log).toContain('"webhook":"chat"');
    expect(log).not.toContain(SECRET);
    expect(log).not.toContain('T0K3N');
  });
});
