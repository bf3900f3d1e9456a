import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../deploy/demo/service.ts';
import type { OrderEnvelope } from '../../../shared/messages/index.ts';
import { inSlice, type Slice } from '../../../shared/targets/index.ts';
import { sha256, splitCanonicalToken } from '../../../shared/tokens/index.ts';
import { eventually } from '../../kit/eventually.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type ControllerRun, controllerRun } from '../../kit/fleet/controller-run.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { StandInHost } from '../../kit/fleet/stand-in-host.ts';
import { PASSWORD, type PostgresServer, startPostgres } from '../../kit/receivers/postgres-server.ts';
import { startReceiver, type WebhookReceiver } from '../../kit/receivers/webhook-receiver.ts';

const HELLO = ['_printk("hi\\n")', '--hosts', 'env=demo', '--reason', 'say hi'];
const NAMES = ['demo-1', 'demo-2', 'demo-3', 'demo-4'];

describe('two controllers on one PostgreSQL', () => {
  let folder: string;
  let postgres: PostgresServer;
  let fleet: Fleet;
  let first: ControllerFixture;
  let second: ControllerRun;
  let secondAddress: string;
  let hosts: StandInHost[];
  let chat: WebhookReceiver;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-two-'));
    postgres = await startPostgres({ durable: true });
    const passwordFile = join(folder, 'db-password');
    writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    const url = `postgres://farcall@127.0.0.1:${postgres.port}/farcall`;
    chat = await startReceiver();
    const secretFile = join(folder, 'webhook-secret');
    writeFileSync(secretFile, `whsec_${Buffer.alloc(32, 7).toString('base64')}`, { mode: 0o600 });
    const config = {
      webhooks: [{ name: 'chat', url: chat.url, secretFile }],
      ...{ store: { postgres: { url, passwordFile, timeoutMs: 2000 } }, logLevel: 'debug' },
      ...{ checkpointEveryMs: 100 },
    };
    const labels = Object.fromEntries(NAMES.map(name => [name, { env: 'demo' }]));
    fleet = await startFleet({ hosts: labels, config });
    first = fleet.controller;
    hosts = NAMES.map(name => fleet.host(name));
    secondAddress = `127.0.0.1:${await freePort()}`;
    const file = join(first.folder, 'controller-2.json');
    const itsOwn = { name: 'ctl-2', key: 'ctl-2.key', listen: secondAddress };
    const common = JSON.parse(readFileSync(join(first.folder, 'controller.json'), 'utf8'));
    writeFileSync(file, JSON.stringify({ ...common, ...itsOwn }));
    second = controllerRun(file);
    await second.start();
  });

  afterAll(async () => {
    await second?.end('SIGKILL');
    await fleet?.stop();
    await chat?.die();
    await postgres?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** `farcall ARGS` at the second controller. */
  const atSecond = (operator: string, ...args: string[]) =>
    first.farcallHere(operator, args, {}, secondAddress);
  const stateAt = async (id: string): Promise<Record<string, unknown>> =>
    JSON.parse((await atSecond('alice', 'report', id, '--json')).stdout).request.status;
  const committedBy = (log: ControllerRun['log'], id: string): number =>
    log.filter(line => line.msg === 'result committed' && line['request'] === id).length;

  it('two controllers on one PostgreSQL share one request: approved at both, its results taken in by both', async () => {
    const asked = await first.farcallHere('alice', ['request', ...HELLO, '--json']);
    const { id, digest } = JSON.parse(asked.stdout);
    await first.farcallHere('bob', ['approve', id, '--yes', '--digest', digest]);
    expect(await atSecond('carol', 'approve', id, '--yes', '--digest', digest)).toMatchObject({ code: 0 });
    const watching = atSecond('alice', 'watch', id, '--until', 'done');
    const answers = await Promise.all(hosts.map(async host => host.answer(await host.nextOrder(id))));
    expect(answers).toMatchObject(NAMES.map(() => ({ committed: true })));
    expect((await watching).stdout).toContain('demo-4');
    expect(await stateAt(id)).toMatchObject({ state: 'finished', outcomes: [{ hosts: 4 }] });
    expect(committedBy(first.log, id) + committedBy(second.log, id)).toBe(4);
  });

  it('two controllers on one PostgreSQL tell a webhook each thing once, whichever of them did it', async () => {
    await eventually('the end', () => chat.taken.find(({ json }) => json.type === 'request-finished'));
    const told = chat.taken.map(({ json }) => json.data.seq);
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
    const kinds = chat.taken.map(({ json }) => json.type);
    expect(kinds.filter(kind => kind === 'approval-added')).toHaveLength(2);
  });

  it('two controllers on one PostgreSQL lose nothing when one is killed in the middle: the other serves', async () => {
    const id = await first.approved(...HELLO);
    const orders = await Promise.all(hosts.map(host => host.nextOrder(id)));
    expect(await hosts[0]!.answer(orders[0]!)).toMatchObject({ committed: true });
    await first.kill();
    for (const index of [1, 2, 3])
      expect(await answerTaken(hosts[index]!, orders[index]!)).toMatchObject({ committed: true });
    // What was committed by the one that died, sent again, is known to the other.
    expect(await answerTaken(hosts[0]!, orders[0]!)).toMatchObject({ committed: true });
    await eventually('the other ends the request', async () => (await stateAt(id))['state'] === 'finished');
    expect(await stateAt(id)).toMatchObject({
      state: 'finished',
      outcomes: [{ outcome: 'returned', hosts: 4 }],
    });
    expect(await hosts[0]!.queryOrders()).toEqual([]);
  });

  it('two controllers on one PostgreSQL go on with a rollout when the one that drives it is killed in the middle of a wave', async () => {
    await first.start();
    const waves = ['--wave', '2', '--wave', 'rest', '--max-failed', '0'];
    const id = await first.approved(...HELLO, ...waves);
    const isDriver = ({ log }: Pick<ControllerRun, 'log'>): boolean =>
      log.some(line => line['step'] === 'start-wave' && line['request'] === id);
    const firstOrders = await Promise.all(hosts.map(host => host.nextOrder(id)));
    const means = (host: StandInHost, order: OrderEnvelope): boolean => {
      const { slice } = splitCanonicalToken(order.order).payload as { slice: Slice };
      return inSlice(slice, sha256(order.request), host.name);
    };
    const inFirst = hosts.filter((host, index) => means(host, firstOrders[index]!));
    expect(inFirst).toHaveLength(2);
    expect(await inFirst[0]!.answer(firstOrders[0]!)).toMatchObject({ committed: true });
    // Either may drive; its lease has to run out before the other may.
    expect([isDriver(first), isDriver(second)].filter(Boolean)).toHaveLength(1);
    const [driver, heir] = isDriver(first) ? [first, second] : [second, first];
    await (driver === first ? first.kill() : second.end('SIGKILL'));
    expect(await answerTaken(inFirst[1]!, firstOrders[0]!)).toMatchObject({ committed: true });
    const others = hosts.filter(host => !inFirst.includes(host));
    // The order of the first wave may come again before that of the second does.
    const nextOf = async (host: StandInHost): Promise<OrderEnvelope> => {
      const order = await host.nextOrder(id);
      return means(host, order) ? order : nextOf(host);
    };
    const next = await Promise.all(others.map(nextOf));
    expect(isDriver(heir)).toBe(true);
    for (const [index, host] of others.entries())
      expect(await answerTaken(host, next[index]!)).toMatchObject({ committed: true });
    if (driver === second) {
      await second.start();
      await first.kill();
    }
    const taken = await atSecond('alice', 'audit', 'show', '--request', id, '--json');
    expect(taken.stdout.match(/"lease-taken"/g)).toHaveLength(2);
    expect(taken.stdout.match(/"wave-started"/g)).toHaveLength(2);
    const status = await eventually('the second wave passes its gate', async () => {
      const now = await stateAt(id);
      return now['state'] === 'finished' ? now : undefined;
    });
    expect(status).toMatchObject({ outcomes: [{ outcome: 'returned', hosts: 4 }] });
  });

  it('two controllers on one PostgreSQL make checkpoints one at a time: when one is killed, the other goes on', async () => {
    const made = (log: ControllerRun['log']): number =>
      log.filter(line => line.msg === 'checkpoint made').length;
    const before = made(second.log);
    await atSecond('alice', 'request', ...HELLO);
    await second.logged(() => made(second.log) > before);
    await first.start();
  });

  it('two controllers on one PostgreSQL acknowledge nothing while the database is away, and come back by themselves', async () => {
    const id = await first.approved(...HELLO);
    const orders = await Promise.all(hosts.map(host => host.nextOrder(id)));
    await postgres.kill();
    const refused = await hosts[0]!.answer(orders[0]!);
    expect(refused).toMatchObject({ committed: false, reason: expect.stringContaining('UNREACHABLE') });
    expect(await first.farcallHere('alice', ['requests'])).toMatchObject({ code: 5 });
    await first.logged(line => line.msg === 'database connection is lost: trying to reconnect');
    await postgres.start();
    for (const run of [first, second]) await run.logged(line => line.msg === 'database is connected again');
    for (const [index, host] of hosts.entries())
      expect(await host.answer(orders[index]!)).toMatchObject({ committed: true });
    await eventually('the request ends', async () => (await stateAt(id))['state'] === 'finished');
  });

  it('two controllers on one PostgreSQL have told the webhook of every request, whatever was killed meanwhile', async () => {
    const shown = await first.farcallHere('alice', ['audit', 'show', '--kind', 'request-finished', '--json']);
    const finished = [...shown.stdout.matchAll(/"seq":\s*(\d+)/g)].map(([, seq]) => Number(seq));
    expect(finished.length).toBeGreaterThan(3);
    await eventually('all are told', () => {
      const told = new Set(chat.taken.map(({ json }) => json.data.seq));
      return finished.every(seq => told.has(seq));
    });
    // What was on its way when a controller was killed may have come twice: under the same id.
    const ids = new Map(chat.taken.map(({ headers, json }) => [headers['webhook-id'], json.data.seq]));
    expect(ids.size).toBe(new Set(chat.taken.map(({ json }) => json.data.seq)).size);
  });

  it('two controllers on one PostgreSQL leave a store in which nothing is wrong, and no password in any log', async () => {
    const verified = await first.auditVerify();
    expect(verified.stdout).toContain('nothing is wrong');
    expect(verified.code).toBe(0);
    const everything = JSON.stringify([first.log, second.log]);
    expect(everything).toContain('database is connected again');
    expect(everything).not.toContain(PASSWORD);
  });
});

/** As an agent does: a result that a controller took with it when it died is sent again. */
async function answerTaken(host: StandInHost, order: OrderEnvelope): ReturnType<StandInHost['answer']> {
  const answered = () =>
    host.answer(order).catch(error => {
      if (!String(error).includes('TIMEOUT')) throw error;
      return undefined;
    });
  return eventually('the result is taken', answered);
}
