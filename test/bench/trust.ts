import { verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authenticateOrder, verifyOrder } from '../../agent/verify/index.ts';
import { receiveResult } from '../../controller/gather/index.ts';
import { verifyHostStatement } from '../../controller/host-statements/index.ts';
import { callResultCodec, type OrderEnvelope, resultEnvelopeCodec } from '../../shared/messages/index.ts';
import { publicKeyOf } from '../../shared/tokens/index.ts';
import { selectableFacts } from '../agent/support/stand-in-stages.ts';
import { type HostIdentity, hostOf, SITE } from '../kit/cast.ts';
import { controllerParts, DRAFT, dispatched, introduce } from '../kit/controller-kit.ts';
import { resultFor, signStatement } from '../kit/host-statements.ts';
import { orderKit } from '../kit/order-kit.ts';
import { type Figure, figure } from './figure.ts';

const HOSTS = 1000;
const REQUESTS = 10;
/** As many messages as the controller looks at at a time. */
const AT_ONCE = 256;
const RUNS = 3;

/**
 * What trust costs: an order on a host, and the results of a fleet at the controller, with the code that is
 * shipped.
 */
export async function trust(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-bench-'));
  try {
    return [await orderOnHost(), ...(await resultsOfFleet(folder))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function orderOnHost(): Promise<Figure> {
  const nowMs = Date.now();
  const kit = orderKit(nowMs);
  const here = {
    ...{ bundle: kit.bundle, statements: { confirmedAtMs: nowMs }, nowMs },
    ...{ host: 'web-01', labels: { env: 'test' }, facts: selectableFacts },
  };
  const orders = await Promise.all(Array.from({ length: 400 }, () => kit.order()));
  const values: number[] = [];
  for (const { envelope } of orders) {
    const startedAt = performance.now();
    await verifyOrder(await authenticateOrder(envelope, here), here);
    values.push(performance.now() - startedAt);
  }
  return figure('order with two approvals verified on a host, warm', values.slice(100), { mark: 2 });
}

interface SignedResult {
  readonly host: HostIdentity;
  readonly bytes: Uint8Array;
  readonly signature: string;
}

async function resultsOfFleet(folder: string): Promise<Figure[]> {
  const parts = controllerParts(undefined, join(folder, 'farcall.db'));
  const hosts = Array.from({ length: HOSTS }, (_, index): HostIdentity => {
    return hostOf(`demo-${index}`, { env: 'demo' });
  });
  await introduce(parts, hosts);
  const results: SignedResult[] = [];
  for (let request = 0; request < REQUESTS; request++) {
    const { order } = await dispatched(parts, { ...DRAFT, reason: `request ${request}` });
    results.push(...(await Promise.all(hosts.map(host => signed(host, order, parts.clock.nowMs())))));
  }
  const nowMs = parts.clock.nowMs();
  const verified: Cost[] = [];
  const direct: Cost[] = [];
  for (let run = 0; run < RUNS; run++) {
    verified.push(
      await timeAll(results, async ({ host, bytes, signature }) => {
        const key = host.key.publicJwk;
        await verifyHostStatement({
          site: SITE,
          host: host.name,
          key,
          what: 'result',
          bytes,
          signature,
          nowMs,
        });
      }),
    );
    direct.push(await timeAll(results, async result => verifyDirectly(result)));
  }
  const committed = await timeAll(results, async ({ host, bytes, signature }) => {
    const envelope = resultEnvelopeCodec.encode({ result: bytes, signature });
    await receiveResult(parts, { host: host.name, bytes: envelope });
  });
  const states = await parts.requests.inState('finished');
  if (states.length !== REQUESTS) throw new Error(`only ${states.length} requests are finished`);
  await parts.store.close();
  const peerOf = (values: readonly number[]): string =>
    `node:crypto alone, one core, nothing but the signature: ${Math.min(...values).toFixed(0)} ms`;
  const wall = (costs: readonly Cost[]): number[] => costs.map(({ wallMs }) => wallMs);
  const cpu = (costs: readonly Cost[]): number[] => costs.map(({ cpuMs }) => cpuMs);
  const count = results.length;
  // Processor time too: it says the same on a machine that is busy with other things.
  return [
    figure(`${count} results verified by the controller`, wall(verified), {
      ...{ mark: 2000, peer: peerOf(wall(direct)) },
    }),
    figure('  processor time of all cores', cpu(verified), { mark: 4000, peer: peerOf(cpu(direct)) }),
    figure(`${count} results verified, committed and answered`, [committed.wallMs], { mark: 5000 }),
    figure('  processor time of all cores', [committed.cpuMs], { mark: 10_000 }),
  ];
}

async function signed(host: HostIdentity, order: OrderEnvelope, nowMs: number): Promise<SignedResult> {
  const bytes = callResultCodec.encode(resultFor(host.name, order));
  return { host, bytes, signature: await signStatement(host, { what: 'result', bytes, nowMs }) };
}

function verifyDirectly({ host, signature }: SignedResult): void {
  const [header, payload, mac = ''] = signature.split('.');
  const input = Buffer.from(`${header}.${payload}`);
  if (!verify(null, input, publicKeyOf(host.key.publicJwk), Buffer.from(mac, 'base64url')))
    throw new Error('a signature of the benchmark does not hold');
}

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** What it costs to do `work` for all of `items`, {@link AT_ONCE} at a time. */
async function timeAll<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<Cost> {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const waiting = items.values();
  const serve = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, serve));
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
}
