import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { FarcallError } from '../../../shared/errors/index.ts';
import { metricsSchema, parseListen } from '../../../shared/listen/index.ts';
import { type Check, MetricSet, type MetricsServer, serveMetrics } from '../../../shared/metrics/index.ts';

let server: MetricsServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(checks: readonly Check[] = [], metrics = new MetricSet()) {
  server = await serveMetrics({ listen: '127.0.0.1:0', metrics, checks });
  return async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://${server?.address}${path}`, init);
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      text: await response.text(),
    };
  };
}

describe('metrics', () => {
  test('metrics are read when they are asked for, with unit and help', async () => {
    const metrics = new MetricSet();
    let waiting = 3;
    metrics.gauge({ name: 'test_waiting', help: 'What waits.' }, () => waiting);
    metrics.counters({ name: 'test_total', help: 'What came.', labels: ['what'] }, () => [
      { labels: { what: 'a"\\\n' }, value: waiting },
    ]);
    metrics.histogram({ name: 'test_seconds', help: 'How long.', buckets: [1, 2] }).observe(1.5);
    const get = await serve([], metrics);
    const first = await get('/metrics');
    expect(first).toMatchObject({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
    expect(first.text).toContain(
      '# HELP test_waiting What waits.\n# TYPE test_waiting gauge\ntest_waiting 3\n',
    );
    expect(first.text).toContain('test_total{what="a\\"\\\\\\n"} 3');
    expect(first.text).toContain('test_seconds_bucket{le="2"} 1');
    expect(first.text).toMatch(/^process_resident_memory_bytes \d+$/m);
    waiting = 5;
    const second = (await get('/metrics')).text;
    expect(second).toContain('test_waiting 5');
    expect(second).toContain('} 5\n');
  });

  test('metrics that cannot be read are left out, and the others stay', async () => {
    const metrics = new MetricSet();
    metrics.gauge({ name: 'test_good', help: 'x' }, async () => 1);
    metrics.gauge({ name: 'test_bad', help: 'x' }, () => Promise.reject(new Error('the store is away')));
    metrics.gauges({ name: 'test_bads', help: 'x', labels: ['y'] }, () => {
      throw new Error('no');
    });
    const { status, text } = await (await serve([], metrics))('/metrics');
    expect(status).toBe(200);
    expect(text).toMatch(/^test_good 1$/m);
    expect(text).not.toMatch(/^test_bads?[ {]/m);
  });
});

describe('probes', () => {
  test('probes say each thing that is wrong, and ready only where nothing is', async () => {
    let error: unknown;
    const get = await serve([
      { name: 'broker', run: () => undefined },
      {
        name: 'store',
        async run() {
          if (error) throw error;
        },
      },
    ]);
    expect(await get('/readyz')).toMatchObject({ status: 200, text: 'broker ok\nstore ok\n' });
    error = new FarcallError('STORE_FAILED', 'the disk is full');
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      text: 'broker ok\nstore STORE_FAILED: the disk is full\n',
    });
    expect(await get('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
  });

  test('probes that are asked for at once are made once', async () => {
    let runs = 0;
    const gate = Promise.withResolvers<void>();
    const get = await serve([
      {
        name: 'slow',
        run() {
          runs++;
          return gate.promise;
        },
      },
    ]);
    const answers = Array.from({ length: 8 }, () => get('/readyz'));
    await expect.poll(() => runs).toBe(1);
    // The eighth has come in when this is answered.
    await get('/healthz');
    gate.resolve();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(runs).toBeLessThan(8);
  });
});

describe('nothing else', () => {
  test.each(['/', '/metrics/', '/../etc/passwd', '/constructor', '/__proto__'])(
    'nothing else is at %s',
    async path => {
      expect((await (await serve())(path)).status).toBe(404);
    },
  );

  test('no method but GET and HEAD is answered', async () => {
    const get = await serve();
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect((await get('/metrics', { method })).status).toBe(405);
    expect(await get('/healthz?x=1', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  test('bytes that are no HTTP are refused', async () => {
    const get = await serve();
    const [host = '', port] = (server?.address ?? '').split(':');
    const socket = connect(Number(port), host);
    socket.write(Buffer.from(`${'x'.repeat(100_000)}\r\n\r\n`));
    await new Promise(resolve =>
      socket
        .once('close', resolve)
        .on('error', () => undefined)
        .resume(),
    );
    expect((await get('/healthz')).status).toBe(200);
  });
});

test('an address that is taken is an error that names it', async () => {
  await serve();
  const listen = server?.address ?? '';
  await expect(serveMetrics({ listen, metrics: new MetricSet(), checks: [] })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(listen),
  });
});

test('an address is written as host:port', () => {
  expect(metricsSchema.parse({})).toEqual({ listen: '127.0.0.1:9464' });
  expect(parseListen('[::1]:9464')).toEqual({ host: '::1', port: 9464 });
  for (const listen of ['9464', ':9464', '::1:9464', 'host:x', 'a b:1'])
    expect(metricsSchema.safeParse({ listen }).success, listen).toBe(false);
  expect(() => parseListen('127.0.0.1:65536')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
