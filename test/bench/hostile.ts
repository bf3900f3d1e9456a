import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fromSeed } from '@nats-io/nkeys';
import { brokerLogins, parseBrokerControl } from '../../controller/broker/index.ts';
import { connectBus, HostBudgets, listenToHosts, systemAccount } from '../../controller/bus/index.ts';
import { receiveResult } from '../../controller/gather/index.ts';
import { loginEnforcer, suspendFloodingHost } from '../../controller/locks/index.ts';
import { createLogger } from '../../controller/log/index.ts';
import { SITE_FILES } from '../../controller/site/index.ts';
import type { KnownHost } from '../../controller/store/index.ts';
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
import { watchLoop } from './loop-watch.ts';
import { timeMs } from './statistics.ts';

const HONEST_HOSTS = 1000;
const PHASE_MS = 10_000;
/** Between two results of the honest hosts, all together. */
const PAUSE_MS = 10;
const MIB = 1 << 20;

interface Phase {
  readonly name: string;
  /** The hostile host and what it sends without end; undefined in the quiet phase. */
  readonly flood?: { readonly host: string; readonly bytes: Uint8Array };
}

/**
 * One hostile host against a controller with 1,000 honest ones, over a real broker: how long the event loop
 * of the controller stands still, what memory it takes, and how long results of honest hosts take, while the
 * hostile one sends the largest messages that there are as fast as the broker takes them. The senders and the
 * broker are processes of their own, which share this machine's processors with the controller: so what a
 * stop of the loop costs is told in processor time of its thread as well, which others do not lengthen.
 */
export async function hostile(): Promise<Figure[]> {
  const nats = await startNatsServer();
  const parts = controllerParts();
  const [evil, forger, ...honest] = hosts();
  await introduce(parts, [evil!, forger!, ...honest]);
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
      { name: 'no flood' },
      { name: 'flood of unsigned', flood: { host: forger!.name, bytes: forged } },
      { name: 'flood of signed', flood: { host: evil!.name, bytes: large } },
    ];
    for (const phase of phases) figures.push(...(await measured(phase, { ...controller, nats, results })));
    return figures;
  } finally {
    await controller.close();
    await nats.stop();
  }
}

function hosts(): readonly HostIdentity[] {
  const honest = Array.from({ length: HONEST_HOSTS }, (_, index) => hostOf(`web-${index}`, { env: 'demo' }));
  return [hostOf('evil', { env: 'demo' }), hostOf('forger', { env: 'demo' }), ...honest];
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
  /** The public nkeys of the logins of hosts that may have to be taken off the broker. */
  readonly nkeys: Map<string, string>;
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
  const nkeys = new Map<string, string>();
  const { control, account } = accountOf(nats);
  const enforcer = loginEnforcer({
    locks: { revokedLogins: async () => new Map(), freeLogins: async nkeys => new Set(nkeys) },
    lockRegistry: { all: () => [] },
    ...{ brokerLogins: brokerLogins(control, account.use), credentialLifeMs: 0, clock: systemClock, log },
  });
  const suspend = suspendFloodingHost({
    hostKeys: { find: async host => ({ nkey: nkeys.get(host) ?? '' }) as KnownHost },
    ...{ loginEnforcer: enforcer, log },
  });
  const hostBudgets = new HostBudgets({
    ...{ clock: systemClock, counters, log },
    flooded: host => void suspend(host),
  });
  const services = { ...parts, bus, counters, hostBudgets, log };
  listenToHosts(services, 'result', message => receiveResult(services, message), 1024);
  await new Promise<void>(resolve => bus.onConnected(resolve));
  // As a controller does when it starts.
  await enforcer.enforce();
  const close = async (): Promise<void> => {
    await bus.close();
    await account.close();
  };
  return { counters, nkeys, close };
}

/** By what a controller with `broker-control.json` takes logins off the broker. */
function accountOf({ folder, url, caFile }: NatsServer) {
  const path = join(folder, SITE_FILES.brokerControl);
  const control = parseBrokerControl(readFileSync(path, 'utf8'), path);
  const tls = brokerTls([url], caFile);
  const credentials = (): string => control.credentials;
  return { control, account: systemAccount({ servers: [url], name: 'bench', credentials, tls }) };
}

interface Measuring extends Pick<Listening, 'counters' | 'nkeys'> {
  readonly nats: NatsServer;
  readonly results: SenderData['messages'];
}

async function measured({ name, flood }: Phase, measuring: Measuring): Promise<Figure[]> {
  const { nats, results, counters, nkeys } = measuring;
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
  const hostileSender = flood && (await startFlood(flood, { nats, nkeys }));
  // What preparing the hosts has left behind would be collected while the first phase is measured.
  collectGarbage();
  const watch = watchLoop();
  let memoryBytes = 0;
  for (const endAt = performance.now() + PHASE_MS; performance.now() < endAt; ) {
    await sleep(100);
    memoryBytes = Math.max(memoryBytes, process.memoryUsage.rss());
  }
  const { stopsMs, busyMs, collectionsMs } = watch.end();
  await Promise.all([honest.stop(), hostileSender?.stop()]);
  const dropped = (counters.all()['dropped.result'] ?? 0) - (before['dropped.result'] ?? 0);
  return [
    figure(`${name}: result of an honest host until its commit`, honest.times, { mark: 50 }),
    figure(`${name}: stops of the event loop`, stopsMs, { mark: 50 }),
    figure(`${name}: processor time of one turn of the event loop`, busyMs, { mark: 50 }),
    figure(`${name}: garbage collections`, collectionsMs),
    figure(`${name}: memory of the controller`, [memoryBytes / MIB], { unit: 'MiB' }),
    figure(`${name}: messages dropped`, [dropped], { unit: '' }),
  ];
}

async function startFlood(
  { host, bytes }: NonNullable<Phase['flood']>,
  { nats: server, nkeys }: Pick<Measuring, 'nats' | 'nkeys'>,
): Promise<Sender> {
  const { url, caFile } = server;
  const login = await server.hostLogin(host);
  nkeys.set(host, fromSeed(login.seed).getPublicKey());
  return startSender({ url, caFile, login, messages: [{ subject: hostSubject(host, 'result'), bytes }] });
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

interface Sender {
  readonly times: number[];
  stop(): Promise<unknown>;
}

async function startSender(data: SenderData): Promise<Sender> {
  const sender = fork(new URL('./hostile-sender.ts', import.meta.url), { serialization: 'advanced' });
  const times: number[] = [];
  const exited = new Promise<void>(resolve => sender.on('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    sender.on('error', reject);
    sender.on('message', (message: number | 'ready') => {
      if (message === 'ready') resolve();
      else times.push(message);
    });
    sender.send(data);
  });
  return {
    times,
    stop() {
      sender.kill();
      return exited;
    },
  };
}
