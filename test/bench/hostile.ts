import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { connectBus, HostBudgets, listenToHosts } from '../../controller/bus/index.ts';
import { receiveResult } from '../../controller/gather/index.ts';
import { createLogger } from '../../controller/log/index.ts';
import { systemClock } from '../../shared/clock/index.ts';
import { CounterSet } from '../../shared/counters/index.ts';
import { HOST_PAYLOAD_BYTES } from '../../shared/limits/index.ts';
import {
  type CallResult,
  callResultCodec,
  RESULT_LIMITS,
  resultEnvelopeCodec,
  typedValue,
} from '../../shared/messages/index.ts';
import { hostSubject } from '../../shared/subjects/index.ts';
import { brokerTls } from '../../shared/tls/index.ts';
import { type HostIdentity, hostOf } from '../kit/cast.ts';
import { type ControllerParts, controllerParts, dispatched, introduce } from '../kit/controller-kit.ts';
import { type NatsServer, startNatsServer } from '../kit/fleet/nats-server.ts';
import { resultFor, signStatement } from '../kit/host-statements.ts';
import { type Figure, figure } from './figure.ts';
import type { SenderData } from './hostile-sender.ts';
import { timeMs } from './statistics.ts';

const HONEST_HOSTS = 1000;
const PHASE_MS = 10_000;
/** Between two results of the honest hosts, all together. */
const PAUSE_MS = 10;
const MIB = 1 << 20;
const NS_PER_MS = 1e6;

interface Phase {
  readonly name: string;
  /** What the hostile host sends without end; nothing in the quiet phase. */
  readonly flood: readonly Uint8Array[];
}

/**
 * One hostile host against a controller with 1,000 honest ones, over a real broker: how long the event loop
 * of the controller stands still, what memory it takes, and how long results of honest hosts take, while the
 * hostile one sends the largest messages that there are as fast as the broker takes them. Broker, controller
 * and hosts share this machine's processors.
 */
export async function hostile(): Promise<Figure[]> {
  const nats = await startNatsServer();
  const parts = controllerParts();
  const [evil, ...honest] = hosts();
  await introduce(parts, [evil!, ...honest]);
  const { order } = await dispatched(parts);
  const seal = (host: HostIdentity, overrides: Partial<CallResult> = {}): Promise<Uint8Array> =>
    sealed(host, callResultCodec.encode(resultFor(host.name, order, overrides)), parts);
  const large = await seal(evil!, largestRows());
  const forged = resultEnvelopeCodec.encode({
    result: new Uint8Array(HOST_PAYLOAD_BYTES - 16_384),
    signature: 'forged.by.nobody',
  });
  const results = await Promise.all(
    honest.map(async host => ({ subject: hostSubject(host.name, 'result'), bytes: await seal(host) })),
  );
  const decoding = decodeTimes(resultEnvelopeCodec.decode(large).result);
  const controller = await listening(parts, nats);
  try {
    const figures = [decoding];
    const phases: readonly Phase[] = [
      { name: 'no flood', flood: [] },
      { name: 'flood of unsigned', flood: [forged] },
      { name: 'flood of signed', flood: [large] },
    ];
    for (const phase of phases)
      figures.push(
        ...(await measured(phase, { nats, evil: evil!.name, results, counters: controller.counters })),
      );
    return figures;
  } finally {
    await controller.close();
    await nats.stop();
  }
}

function hosts(): readonly HostIdentity[] {
  const honest = Array.from({ length: HONEST_HOSTS }, (_, index) => hostOf(`web-${index}`, { env: 'demo' }));
  return [hostOf('evil', { env: 'demo' }), ...honest];
}

/** As many parts as a result may have, with as many bytes. */
function largestRows(): Partial<CallResult> {
  const value = typedValue({ type: 'char [64]', kind: 'string', string: 'x'.repeat(64) });
  const rows = Array.from({ length: RESULT_LIMITS.parts / 4 }, () => ({
    values: [value, value, value, value],
  }));
  return { rows };
}

async function sealed(
  host: HostIdentity,
  result: Uint8Array,
  { clock }: ControllerParts,
): Promise<Uint8Array> {
  const signature = await signStatement(host, { what: 'result', bytes: result, nowMs: clock.nowMs() });
  return resultEnvelopeCodec.encode({ result, signature });
}

function decodeTimes(result: Uint8Array): Figure {
  const times = timeMs(() => callResultCodec.decode(result), { runs: 20 });
  const what = `decode of a result with ${RESULT_LIMITS.parts} parts in ${Math.round(result.length / 1024)} KiB`;
  return figure(what, times, { mark: 50 });
}

interface Listening {
  readonly counters: CounterSet;
  close(): Promise<void>;
}

/** Receives results as a controller does, over a bus of its own. */
async function listening(parts: ControllerParts, nats: NatsServer): Promise<Listening> {
  const log = createLogger('silent');
  const { jwt, seed } = await nats.ownerLogin();
  const credentials = `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${Buffer.from(seed).toString()}\n------END USER NKEY SEED------\n`;
  const tls = brokerTls([nats.url], nats.caFile);
  const bus = connectBus({ servers: [nats.url], name: 'bench', credentials: () => credentials, tls }, log);
  const counters = new CounterSet();
  const hostBudgets = new HostBudgets({ clock: systemClock, counters, log });
  const services = { ...parts, bus, counters, hostBudgets, log };
  listenToHosts(services, 'result', message => receiveResult(services, message), 1024);
  await new Promise<void>(resolve => bus.onConnected(resolve));
  return { counters, close: () => bus.close() };
}

interface Measuring {
  readonly nats: NatsServer;
  readonly evil: string;
  readonly results: SenderData['messages'];
  readonly counters: CounterSet;
}

async function measured({ name, flood }: Phase, measuring: Measuring): Promise<Figure[]> {
  const { nats, evil, results, counters } = measuring;
  const before = counters.all();
  const { url, caFile } = nats;
  const owner = await nats.ownerLogin();
  const honest = await startSender({
    url,
    caFile,
    login: owner,

    messages: results,
    pauseMs: PAUSE_MS,
  });
  const subject = hostSubject(evil, 'result');
  const messages = flood.map(bytes => ({ subject, bytes }));
  const login = await nats.hostLogin(evil);
  const hostileSender = messages.length > 0 ? await startSender({ url, caFile, login, messages }) : undefined;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let memoryBytes = 0;
  delay.enable();
  for (const endAt = performance.now() + PHASE_MS; performance.now() < endAt; ) {
    await sleep(100);
    memoryBytes = Math.max(memoryBytes, process.memoryUsage.rss());
  }
  delay.disable();
  await Promise.all([honest.stop(), hostileSender?.stop()]);
  const dropped = (counters.all()['dropped.result'] ?? 0) - (before['dropped.result'] ?? 0);
  return [
    figure(`${name}: result of an honest host until its commit`, honest.times, { mark: 50 }),
    figure(`${name}: longest stop of the event loop`, [delay.max / NS_PER_MS], { mark: 50 }),
    figure(`${name}: stop of the event loop, 99%`, [delay.percentile(99) / NS_PER_MS], { mark: 50 }),
    figure(`${name}: memory of controller and senders`, [memoryBytes / MIB], { unit: 'MiB' }),
    figure(`${name}: messages dropped`, [dropped], { unit: '' }),
  ];
}

interface Sender {
  readonly times: number[];
  stop(): Promise<unknown>;
}

async function startSender(data: SenderData): Promise<Sender> {
  const worker = new Worker(new URL('./hostile-sender.ts', import.meta.url), { workerData: data });
  const times: number[] = [];
  await new Promise<void>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message: number | 'ready') => {
      if (message === 'ready') resolve();
      else times.push(message);
    });
  });
  return { times, stop: () => worker.terminate() };
}
