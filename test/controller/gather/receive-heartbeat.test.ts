import fc from 'fast-check';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { heartbeatWriter, receiveHeartbeat } from '../../../controller/gather/index.ts';
import type { ReceivedHeartbeat } from '../../../controller/store/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { signedHeartbeatCodec } from '../../../shared/messages/index.ts';
import { HOSTS, keyOf, START_MS } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  enrolAll,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';
import { DEADLINES } from '../../kit/deadlines.ts';
import { heartbeatOf, helloOf, signStatement } from '../../kit/host-statements.ts';

/** A busy machine takes longer than vitest waits by itself. */
const WAIT = { timeout: DEADLINES.eventuallyMs };

const { one, two } = HOSTS;

describe('a heartbeat', () => {
  let parts: ControllerParts;
  let taken: ReceivedHeartbeat[];

  beforeEach(async () => {
    parts = controllerParts();
    taken = [];
    await enrolAll(parts, [one, two]);
  });

  const receive = (bytes: Uint8Array, host = one.name) =>
    receiveHeartbeat(
      { ...parts, heartbeatWriter: { take: heartbeat => void taken.push(heartbeat) } },
      { host, bytes },
    );

  it('a heartbeat is taken from the host that signed it', async () => {
    parts.clock.advance(3000);
    await receive(
      await heartbeatOf(one, START_MS, {
        taint: 512,
        oops: 'BUG: x',
        oopsAtMs: 7,
        waitingResults: 2,
        newerTrustVersion: 4,
      }),
    );
    expect(taken).toEqual([
      {
        host: 'demo-1',
        bootId: '5f0c1f3e-0000-4000-8000-000000000000',
        taint: 512,
        oops: 'BUG: x',
        oopsAtMs: 7,
        waitingResults: 2,
        trustVersion: 3,
        trustConfirmedAtMs: START_MS,
        newerTrustVersion: 4,
        observedAtMs: START_MS,
        receivedAtMs: START_MS + 3000,
      },
    ]);
  });

  it.each([
    ['ahead', 300_000],
    ['a day behind', -86_400_000],
  ])(
    'a heartbeat of a host whose clock is %s is not taken, and shows how wrong the clock is',
    async (_, offsetMs) => {
      expect(await codeOf(receive(await heartbeatOf(one, START_MS + offsetMs)))).toBe('TOKEN_EXPIRED');
      expect(taken).toEqual([]);
      expect(parts.hostClocks.wrong(one.name)).toBe(offsetMs);
      expect(parts.hostClocks.all()).toEqual({ wrong: [{ host: one.name, offsetMs }], known: 1 });
      await receive(await heartbeatOf(one, START_MS));
      expect(parts.hostClocks.all()).toEqual({ wrong: [], known: 1 });
    },
  );

  it('a heartbeat that another key signed says nothing about a clock', async () => {
    const { heartbeat } = signedHeartbeatCodec.decode(await heartbeatOf(one, START_MS + 300_000));
    const signature = await signStatement(
      { ...one, key: keyOf('impostor') },
      { what: 'heartbeat', bytes: heartbeat, nowMs: START_MS + 300_000 },
    );
    await codeOf(receive(signedHeartbeatCodec.encode({ heartbeat, signature })));
    expect(parts.hostClocks.all()).toEqual({ wrong: [], known: 0 });
  });

  const foreign = { ...one, key: keyOf('impostor') };
  const heartbeatWithByte = async (byte: number): Promise<Uint8Array> => {
    const { heartbeat } = signedHeartbeatCodec.decode(await heartbeatOf(one, START_MS, { oops: 'BUG: #' }));
    const changed = Buffer.from(heartbeat);
    changed[changed.indexOf('BUG: #') + 5] = byte;
    const signature = await signStatement(one, { what: 'heartbeat', bytes: changed, nowMs: START_MS });
    return signedHeartbeatCodec.encode({ heartbeat: changed, signature });
  };
  const refused: readonly [string, () => Promise<Uint8Array>, string, string][] = [
    [
      'signed by another host',
      () => heartbeatOf({ ...one, key: two.key }, START_MS),
      'demo-1',
      'TOKEN_KEY_UNKNOWN',
    ],
    [
      'signed by a key of its own making',
      () => heartbeatOf(foreign, START_MS),
      'demo-1',
      'TOKEN_KEY_UNKNOWN',
    ],
    ["on another host's subject", () => heartbeatOf(one, START_MS), 'demo-2', 'TOKEN_KEY_UNKNOWN'],
    [
      'that names another host than the one that signs it',
      () => heartbeatOf(one, START_MS, { host: 'demo-2' }),
      'demo-1',
      'MESSAGE_INVALID',
    ],
    ['signed as facts', () => heartbeatOf(one, START_MS, { what: 'facts' }), 'demo-1', 'TOKEN_CLAIMS'],
    [
      'of a host that is not enrolled',
      () => heartbeatOf({ ...one, name: 'x' }, START_MS),
      'x',
      'TOKEN_KEY_UNKNOWN',
    ],
    [
      'about long ago',
      () => heartbeatOf(one, START_MS, { observedAtMs: START_MS - 60_001 }),
      'demo-1',
      'TOKEN_EXPIRED',
    ],
    [
      'about later',
      () => heartbeatOf(one, START_MS, { observedAtMs: START_MS + 60_001 }),
      'demo-1',
      'TOKEN_EXPIRED',
    ],
    ['with a NUL in its text', () => heartbeatWithByte(0), 'demo-1', 'MESSAGE_INVALID'],
    ['with a terminal escape in its text', () => heartbeatWithByte(0x1b), 'demo-1', 'MESSAGE_INVALID'],
    ['that is a hello', () => helloOf(one, START_MS), 'demo-1', 'TOKEN_CLAIMS'],
  ];
  it.each(refused)('%s is refused', async (_what, bytes, host, code) => {
    expect(await codeOf(receive(await bytes(), host))).toBe(code);
    expect(taken).toEqual([]);
  });

  it('a heartbeat whose bytes are changed anywhere is refused, and nothing else happens', async () => {
    const sound = await heartbeatOf(one, START_MS);
    const { heartbeat, signature } = signedHeartbeatCodec.decode(sound);
    await fc.assert(
      fc.asyncProperty(fc.nat(heartbeat.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const changed = Uint8Array.from(heartbeat, (byte, index) => (index === at ? byte ^ mask : byte));
        const bytes = signedHeartbeatCodec.encode({ heartbeat: changed, signature });
        await expect(receive(bytes)).rejects.toBeInstanceOf(FarcallError);
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async bytes => {
        await expect(receive(bytes)).rejects.toBeInstanceOf(FarcallError);
      }),
    );
    expect(taken).toEqual([]);
  });
});

describe('heartbeats are stored', () => {
  let parts: ControllerParts;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    parts = controllerParts();
    await introduce(parts);
  });
  afterEach(() => void vi.useRealTimers());

  const heartbeat = (
    host: string,
    atMs: number,
    overrides: Partial<ReceivedHeartbeat> = {},
  ): ReceivedHeartbeat => ({
    ...{ host, bootId: 'boot-1', taint: 0, oops: undefined, oopsAtMs: undefined, waitingResults: 0 },
    ...{ trustVersion: 3, trustConfirmedAtMs: atMs, newerTrustVersion: undefined },
    ...{ observedAtMs: atMs, receivedAtMs: atMs, ...overrides },
  });
  const lastSeen = async () =>
    Object.fromEntries(
      (await parts.hosts.all()).map(({ host, lastSeenMs }) => [host, lastSeenMs - START_MS]),
    );

  it('heartbeats are stored in one transaction a second, the newest of each host, without a line in the audit log', async () => {
    const keep = vi.fn(parts.heartbeats.keep);
    const before = (await parts.audit.head()).seq;
    const keeper = heartbeatWriter({ ...parts, heartbeats: { keep } });
    for (let round = 1; round <= 5; round++)
      for (const host of ['demo-1', 'demo-2']) keeper.take(heartbeat(host, START_MS + round));
    keeper.take(heartbeat('demo-1', START_MS + 2, { taint: 128 }));
    expect(keep).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(
      async () => expect(await lastSeen()).toMatchObject({ 'demo-1': 5, 'demo-2': 5, 'prod-1': 0 }),
      WAIT,
    );
    expect(keep).toHaveBeenCalledTimes(1);
    expect(keep.mock.calls[0]?.[0]).toEqual([
      heartbeat('demo-1', START_MS + 5),
      heartbeat('demo-2', START_MS + 5),
    ]);
    expect((await parts.audit.head()).seq).toBe(before);
    await keeper.stop();
  });

  it('a heartbeat never replaces a newer one, and none of a host that said no hello is stored', async () => {
    const id = await requestBy(parts, 'alice', DRAFT);
    const known = async () =>
      (await parts.heartbeats.healthStatuses(id, 1)).map(
        ({ host, heartbeat: said }) => `${host} ${said?.bootId} ${said?.observedAtMs}`,
      );
    await parts.heartbeats.keep([heartbeat('demo-1', 2000), heartbeat('nobody', 2000)]);
    await parts.heartbeats.keep([heartbeat('demo-1', 1000, { bootId: 'boot-0' })]);
    expect(await known()).toEqual(['demo-1 boot-1 2000', 'demo-2 undefined undefined']);
    await parts.heartbeats.keep([heartbeat('demo-1', 3000, { bootId: 'boot-2' })]);
    expect(await known()).toEqual(['demo-1 boot-2 3000', 'demo-2 undefined undefined']);
  });

  it('heartbeats are stored when the store works again, where it did not', async () => {
    const keep = vi.fn(parts.heartbeats.keep).mockRejectedValueOnce(new Error('disk full'));
    const keeper = heartbeatWriter({ ...parts, heartbeats: { keep } });
    keeper.take(heartbeat('demo-1', START_MS + 1));
    await vi.advanceTimersByTimeAsync(1000);
    keeper.take(heartbeat('demo-1', START_MS + 9));
    await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(async () => expect(await lastSeen()).toMatchObject({ 'demo-1': 9 }), WAIT);
    await keeper.stop();
  });

  it('heartbeats of all hosts but one are kept where the store refuses that one, whose host is named', async () => {
    const keep = vi.fn(async (batch: readonly ReceivedHeartbeat[]) => {
      if (batch.some(({ host }) => host === 'prod-1')) throw new Error('invalid byte sequence');
      await parts.heartbeats.keep(batch);
    });
    const log = pino({ level: 'silent' });
    const error = vi.spyOn(log, 'error');
    const keeper = heartbeatWriter({ heartbeats: { keep }, log });
    for (const host of ['demo-1', 'prod-1', 'demo-2']) keeper.take(heartbeat(host, START_MS + 3));
    await keeper.stop();
    expect(await lastSeen()).toMatchObject({ 'demo-1': 3, 'demo-2': 3, 'prod-1': 0 });
    expect(error.mock.calls.map(([about]) => about)).toMatchObject([{ host: 'prod-1' }]);
  });

  it('heartbeats of ten thousand hosts are tried a bounded number of times while the store takes nothing', async () => {
    const keep = vi.fn(async () => {
      throw new Error('disk full');
    });
    const keeper = heartbeatWriter({ heartbeats: { keep }, log: pino({ level: 'silent' }) });
    for (let index = 0; index < 10_000; index++) keeper.take(heartbeat(`host-${index}`, START_MS + 3));
    await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(() => expect(keep).toHaveBeenCalledTimes(65), WAIT);
    keep.mockImplementation(async () => undefined as never);
    await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(() => expect(keep).toHaveBeenCalledTimes(66), WAIT);
    await keeper.stop();
  });

  it('heartbeats are stored at a stop too, and none after it', async () => {
    const keeper = heartbeatWriter(parts);
    keeper.take(heartbeat('demo-2', START_MS + 4));
    await keeper.stop();
    keeper.take(heartbeat('demo-2', START_MS + 8));
    await vi.advanceTimersByTimeAsync(5000);
    expect(await lastSeen()).toMatchObject({ 'demo-2': 4 });
  });

  it('heartbeats are stored for ten thousand hosts in one go', async () => {
    const hosts = Array.from({ length: 10_000 }, (_, index) => heartbeat(`host-${index}`, START_MS + 7));
    await parts.heartbeats.keep([...hosts, heartbeat('demo-1', START_MS + 7)]);
    expect(await lastSeen()).toMatchObject({ 'demo-1': 7, 'demo-2': 0 });
    expect(await parts.heartbeats.countHosts(START_MS + 1)).toEqual({ known: 3, silent: 2 });
  });
});
