import { beforeEach, describe, expect, it } from 'vitest';
import type { Sink } from '../../../controller/audit-sinks/sink.ts';
import { SinkStream } from '../../../controller/audit-sinks/sink-stream.ts';
import { createLogger } from '../../../controller/log/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { partsOn } from '../../kit/controller-kit.ts';
import { ENGINES, newParts, type TestEngine } from '../../kit/engines.ts';

const SIGNAL = new AbortController().signal;
const CURSOR = 'audit sink test';

/** A sink that settles what the test says, and is told how it fails. */
function testSink() {
  const state = {
    written: [] as number[],
    batches: [] as number[],
    settled: 0,
    isDown: false,
    isLost: false,
    settlesAtOnce: true,
  };
  const sink: Sink = {
    name: 'test',
    async write(entries) {
      if (state.isDown) throw new FarcallError('UNREACHABLE', 'ECONNREFUSED');
      state.written.push(...entries.map(({ seq }) => seq));
      state.batches.push(entries.length);
      if (state.settlesAtOnce) state.settled = entries.at(-1)!.seq;
    },
    settledSeq: () => state.settled,
    takeLoss() {
      const lost = state.isLost;
      state.isLost = false;
      return lost;
    },
    close: async () => undefined,
  };
  return { sink, state };
}

/** What the tests on one engine share. */
function setUp(engine: TestEngine) {
  const stores = engine.use();
  let parts: Awaited<ReturnType<typeof newParts>>;
  let lines: Record<string, unknown>[];

  beforeEach(async () => {
    parts = await newParts(stores);
    lines = [];
  });

  const log = Object.assign(createLogger('silent'), {
    warn: (fields: object, msg: string) => void lines.push({ ...fields, msg }),
    error: (fields: object, msg: string) => void lines.push({ ...fields, msg }),
  });
  const streamOf = (sink: Sink, on: Partial<typeof parts> = {}) =>
    new SinkStream(sink, { ...parts, ...on, log: log as never, random: () => 0.999_999_999 });
  const write = async (count: number, problem = 'none'): Promise<void> => {
    for (let made = 0; made < count; made++)
      await parts.audit.note({
        ...{ kind: 'checkpoint-conflict', actor: 'controller' },
        detail: { holder: 'a test', seq: 1, problem, checkpoint: '0'.repeat(64) },
      });
  };
  const cursor = () => parts.logCursors.cursorOf(CURSOR, 'first-entry');
  return { stores, lines: () => lines, parts: () => parts, streamOf, write, cursor };
}

const upTo = (seq: number) => Array.from({ length: seq }, (_, index) => index + 1);

describe.each(ENGINES)('a sink of the audit log, on $name', engine => {
  const { stores, lines, parts, streamOf, write, cursor } = setUp(engine);

  it('a sink of the audit log gets it from its first entry, in order, each once', async () => {
    await write(3);
    const { sink, state } = testSink();
    const stream = streamOf(sink);
    await stream.run(SIGNAL);
    await write(2);
    await stream.run(SIGNAL);
    await stream.run(SIGNAL);
    expect([state.written, await cursor()]).toEqual([upTo(5), 5]);
    expect(stream.status()).toEqual({ name: 'test', sent: 5, failed: 0, backlog: 0 });
  });

  it('a sink of the audit log has its cursor moved over settled entries only; the next controller begins there', async () => {
    await write(4);
    const { sink, state } = testSink();
    state.settlesAtOnce = false;
    const stream = streamOf(sink);
    await stream.run(SIGNAL);
    expect([state.written, await cursor()]).toEqual([upTo(4), 0]);
    state.settled = 2;
    await stream.run(SIGNAL);
    expect(await cursor()).toBe(2);
    await stream.stop();
    const next = testSink();
    await streamOf(next.sink).run(SIGNAL);
    expect(next.state.written).toEqual([3, 4]);
  });

  it('a sink of the audit log is sent again what it may have lost, from the settled entry on', async () => {
    await write(3);
    const { sink, state } = testSink();
    state.settlesAtOnce = false;
    const stream = streamOf(sink);
    await stream.run(SIGNAL);
    state.settled = 1;
    await stream.run(SIGNAL);
    state.isLost = true;
    await stream.run(SIGNAL);
    expect(lines().map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/^test refused: the connection broke/),
    ]);
    parts().clock.advance(1000);
    await stream.run(SIGNAL);
    expect(state.written).toEqual([1, 2, 3, 2, 3]);
  });

  it('a sink of the audit log that accepts and breaks off each time is tried less and less often', async () => {
    await write(1);
    const { sink, state } = testSink();
    state.settlesAtOnce = false;
    const stream = streamOf(sink);
    for (const pauseMs of [1000, 2000, 4000, 8000]) {
      const sent = state.written.length;
      await stream.run(SIGNAL);
      state.isLost = true;
      await stream.run(SIGNAL);
      parts().clock.advance(pauseMs - 1);
      await stream.run(SIGNAL);
      expect(state.written.length).toBe(sent + 1);
      parts().clock.advance(1);
    }
  });

  it('a sink of the audit log that is away is tried after 1, 2, 4 … seconds and at most a minute, said once, and loses nothing', async () => {
    await write(2);
    const { sink, state } = testSink();
    state.isDown = true;
    const stream = streamOf(sink);
    for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      const { failed } = stream.status();
      await stream.run(SIGNAL);
      expect(stream.status()).toMatchObject({ failed: failed + 1, backlog: 2 });
      parts().clock.advance(pauseMs - 1);
      await stream.run(SIGNAL);
      expect(stream.status().failed).toBe(failed + 1);
      parts().clock.advance(1);
    }
    expect(lines().map(({ msg }) => msg)).toEqual(['test refused: ECONNREFUSED']);
    state.isDown = false;
    await stream.run(SIGNAL);
    expect([state.written, await cursor()]).toEqual([[1, 2], 2]);
  });

  it('a sink of the audit log gets long entries a few at a time, so that a slow one keeps up', async () => {
    await write(5, 'x'.repeat(20_000));
    const { sink, state } = testSink();
    await streamOf(sink).run(SIGNAL);
    expect([state.written, state.batches]).toEqual([upTo(5), [3, 2]]);
  });

  it('a sink of the audit log that is away is tried again though the clock was set back', async () => {
    await write(1);
    const { sink, state } = testSink();
    state.isDown = true;
    const stream = streamOf(sink);
    await stream.run(SIGNAL);
    state.isDown = false;
    parts().clock.advance(-3_600_000);
    await stream.run(SIGNAL);
    expect(state.written).toEqual([1]);
  });

  it('a sink of the audit log whose cursor was forged gets the whole log again', async () => {
    await write(3);
    await streamOf(testSink().sink).run(SIGNAL);
    await stores.sql(parts().location, 'update log_cursors set seq = seq + 1000');
    const { sink, state } = testSink();
    await streamOf(sink).run(SIGNAL);
    expect(state.written).toEqual(upTo(3));
  });

  it('a sink of the audit log is an alarm if the log ends before what it was sent', async () => {
    await write(3);
    const { sink } = testSink();
    const audit = { ...parts().audit };
    const stream = streamOf(sink, { audit });
    await stream.run(SIGNAL);
    audit.head = async () => ({ seq: 2, hash: new Uint8Array(32) });
    await stream.run(SIGNAL);
    await stream.run(SIGNAL);
    expect(lines().map(({ msg }) => msg)).toEqual([
      'audit log ends before what was sent: it was cut, or an old copy restored',
    ]);
  });
});

describe.each(ENGINES.filter(({ isShared }) => isShared))(
  'a sink of the audit log of several controllers, on $name',
  engine => {
    const { stores, parts, streamOf, write } = setUp(engine);

    it('a sink of the audit log of several controllers is streamed to by one controller at a time', async () => {
      await write(2);
      const other = partsOn(await stores.openAgain(parts().location, parts().clock), parts().clock);
      const [one, two] = [testSink(), testSink()];
      const streams = [streamOf(one.sink), streamOf(two.sink, { ...other, holder: 'ctl 2' } as never)];
      for (const stream of streams) await stream.run(SIGNAL);
      expect([one.state.written, two.state.written]).toEqual([[1, 2], []]);
      expect(streams[1]!.status().backlog).toBeUndefined();
      await streams[0]!.stop();
      await write(1);
      await streams[1]!.run(SIGNAL);
      expect(two.state.written).toEqual([3]);
    });
  },
);
